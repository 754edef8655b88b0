"""What is read from the chain: final blocks into SQL, the way back, and answers to pages."""
