"""Members of the currency and their devices. The chain decides tiers; SQL follows what it says."""
