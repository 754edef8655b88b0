"""What every face shares: security, headers, problems, rendering, languages, streams."""
