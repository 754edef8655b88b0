"""The network under load: faults that must be survived, and how fast it is."""
