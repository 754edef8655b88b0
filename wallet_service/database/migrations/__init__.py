"""The schema's history. `upgrade` is the only way a database is made or changed."""
