"""The window in which an authenticator is enrolled with a person on the phone; no step of it leads elsewhere."""
