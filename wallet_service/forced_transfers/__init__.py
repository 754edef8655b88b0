"""Units moved by order: announced on the ledger, delayed, executed or halted, whatever it is done for."""
