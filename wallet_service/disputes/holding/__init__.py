"""What disputes hold: one figure of an account on the ledger, what came back of it, transfers by order."""
