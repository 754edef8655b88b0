"""Sealing of personal data, sessions, passkeys, challenges, officers and role keys.

Knows no member's business.
"""
