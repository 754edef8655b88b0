"""The database: tables, migrations, the unit of work. Owns every SQL connection; knows no business rule."""
