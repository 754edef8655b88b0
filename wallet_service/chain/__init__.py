"""The chain: the only package that imports web3. Other subjects import `ports`, which does not.

Owns keys, nonces, stored transaction bytes, the indexed copy of events and money, and the embedded node.
Knows no business rule.
"""
