"""The demo workspace: an emulated Cognito, an embedded PostgreSQL, people with a story."""
