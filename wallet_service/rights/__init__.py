"""What people may ask of us about themselves: to see it, to be forgotten."""
