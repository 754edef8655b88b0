"""Runs a pure function of bytes in a bounded process of its own, so that its cost is not the service's."""
