"""What every subject stands on beside the database: settings, push, the journal, workers, failpoints."""
