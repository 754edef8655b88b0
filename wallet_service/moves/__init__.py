"""A member moves their wallet to another phone by themselves, or to the other storage of the same one."""
