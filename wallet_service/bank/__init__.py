"""The bank: files in (camt.053), files out (pain.001). The only place that reads or writes XML."""
