"""The bank account's books: statements booked, payouts prepared and handed over, the inbox of bank files."""
