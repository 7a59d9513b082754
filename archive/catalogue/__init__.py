"""Fonds, categories, archival codes, boxes, items and their pages: what the archive holds and how it is described."""
