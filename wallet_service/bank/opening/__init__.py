"""What a file is, and the safe way into it: packed or not, in whatever encoding, one document or several."""
