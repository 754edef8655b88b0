"""Contested payments: what is held for them and where, how officers decide, how the money comes back."""
