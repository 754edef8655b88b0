"""Will this currency work on that chain? Questions to any engine, and an answer for each.

Knows no engine by name: what is asked is what the contracts and the service rely on.
"""
