"""The ends of validations: who is told when, and until when one is renewed."""
