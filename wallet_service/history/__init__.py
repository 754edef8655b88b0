"""What a member looks back on: movements, search, statements, receipts.

A receipt can be checked by anybody against the ledger.
"""
