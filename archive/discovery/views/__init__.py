"""Routes of finding and seeing: search, the page of an item, the viewer, and what the viewer fetches."""
