"""Pages of borrowing."""
