"""Members of the currency, their devices and tills. The chain decides tiers; SQL follows what it says."""
