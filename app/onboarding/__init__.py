"""The application database's view of a person, and the ladder it climbs."""
