"""Who somebody is: sealing of personal data, passkeys, sessions, officers, identity files and their
review.
"""
