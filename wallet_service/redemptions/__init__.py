"""Redemptions: professionals turn units back into euros, followed until the bank has paid."""
