"""Pages of copies: the desk's, and the public one."""
