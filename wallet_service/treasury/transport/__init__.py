"""How the bank's files come into the inbox and payout files leave the outbox.

A port (`ports`) with two adapters: somebody else empties and fills the folders (the default), or the
operator's own EBICS client is run as a command. No protocol of a bank's is spoken here.
"""
