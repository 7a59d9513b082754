"""The records system: rules, pages, commands. Knows the other three packages; none of them knows it."""
