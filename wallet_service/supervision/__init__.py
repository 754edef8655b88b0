"""Watching over the currency: figures, freezes, stops and resumptions, the statement of the reserve."""
