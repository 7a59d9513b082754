"""The journal: every change to a table that is rebuilt from it goes to the store as well, row by row."""
