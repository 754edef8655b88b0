"""What people are told while no page of theirs is open: web push without content, mail beside it."""
