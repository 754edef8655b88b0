"""Lost phones: who asks for new keys, who looks at that, what the ledger does about it."""
