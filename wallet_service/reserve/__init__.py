"""The reserve: what the attester says the bank account holds, on chain, after each statement."""
