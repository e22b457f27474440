"""Authentication: second factors, roles."""
