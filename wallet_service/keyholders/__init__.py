"""Whom a member lets pay with their account: a child, a helper, a joint holder."""
