"""Routes that every origin has: health, readiness, built files, documentation."""
