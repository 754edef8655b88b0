"""Money's books: balances, reservations, nonces, spending, limits and stops.

Payments and redemptions stand on it as equals.
"""
