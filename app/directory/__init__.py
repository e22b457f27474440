"""The people of a user pool."""
