"""Access to AWS: clients, quota pacing, translation of errors."""
