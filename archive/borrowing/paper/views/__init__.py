"""The pages of the desk, of what leaves the repository, of visitors and of the reading room."""
