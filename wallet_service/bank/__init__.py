"""The bank's formats: camt.053 in, pain.001 out. The only place that reads or writes XML."""
