"""`make migrate-chain`: a ledger's state, from its events alone, into a new deployment on another chain."""
