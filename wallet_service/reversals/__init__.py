"""Credits the bank took back: what they open, what is frozen, how officers settle them."""
