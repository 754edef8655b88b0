"""What operators need to run a network on machines of their own. Writes files; starts nothing."""
