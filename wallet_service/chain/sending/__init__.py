"""What is put on chain: stored transactions, queued commands, and what stops them."""
