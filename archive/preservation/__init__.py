"""Keeping what is stored: fixity rounds, the second copy, repair, locks, backup, and rebuilding all from the store."""
