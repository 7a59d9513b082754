"""Things that tests need many of, made the way the application makes them."""
