"""The node: how it is spoken to and when it is believed, and the embedded one, started and saved by us."""
