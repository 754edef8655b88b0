"""One key of an account, suspended for a while: what it signs counts for nothing, the others go on."""
