"""The spending caps a member sets on their own account."""
