"""Separator sheets: printed, told apart from pages again, and what is doubtful about the division they make."""
