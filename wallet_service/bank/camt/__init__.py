"""Account messages of ISO 20022: camt.052 (the day so far), camt.053 (statement), camt.054 (notification)."""
