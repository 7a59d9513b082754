"""Finds text: one index interface, two engines behind it, and our own highlights. Knows nobody."""
