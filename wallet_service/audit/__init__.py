"""The auditor: recomputes what SQL says of the money and of the journal, and tells what disagrees."""
