"""Help: what each screen is for, how to reach a person, and the texts people are bound by. Reads only."""
