"""Top-ups: a member's own transfer reference, and the way from a bank credit to units in the wallet."""
