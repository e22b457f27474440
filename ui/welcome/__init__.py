"""What is shown while no connection is open: the connections, a form for a new one, and the way into the demo."""
