"""Accounts opened and kept at a desk, for people without a smartphone. Nobody holds a key of theirs."""
