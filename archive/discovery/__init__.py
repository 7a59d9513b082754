"""Search pages and the viewer: what a person finds and sees, always by the guard's leave."""
