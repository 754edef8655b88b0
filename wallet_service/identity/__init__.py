"""Identity files: what somebody declares, the papers behind it, and the officers' review."""
