"""The user pool and its app client."""
