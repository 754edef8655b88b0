"""Paying at a till, between persons, and giving back: sales, payments, refunds, and what people see of them.

A payment is accepted (money reserved), settled (one signed batch on chain) and projected (the chain's word
copied). The chain decides; this folder never guesses. `states`, `models` and `decisions` are pure, the
repositories hold the SQL, the services open units of work.
"""
