"""People, units, posts, roles, passwords and sessions."""
