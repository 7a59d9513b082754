"""What the guard costs a request for a piece of a page."""
