"""Tills: pairing a tablet with a merchant, its signed requests, its revocation."""
