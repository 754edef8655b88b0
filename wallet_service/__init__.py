"""The wallet service: enrols people, takes euros in, relays signed payments, pays merchants out."""
