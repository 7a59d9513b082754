"""Real servers for the tests: started on a port the system chooses, stopped when the session ends."""
