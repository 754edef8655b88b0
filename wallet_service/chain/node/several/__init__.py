"""Several nodes of one chain beside each other: what each says, and which are left out."""
