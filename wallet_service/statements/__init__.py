"""What a member takes away: the month's statement, and receipts that anybody can check against the ledger."""
