"""The ledger as the service knows it: its calls and events in bytes, its deployment, its copy in SQL."""
