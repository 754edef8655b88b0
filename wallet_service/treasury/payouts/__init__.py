"""Payout files: prepared, approved, handed to the bank, answered by it; and what officers end by hand."""
