"""What every face looks like, as data that Python and JavaScript both read: states, sign, tokens, scripts.

Owns the layer under the wallet, the console, the public page and the till. Must not know any of them.
"""
