"""Pages of people: signing in, one's own account, and what the administrators keep."""
