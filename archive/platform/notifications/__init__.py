"""Notices to people: in the system first; by e-mail and webhook where that is set."""
