"""Makes an archive again from its store alone, in an empty database: catalogue, texts, people, codes, grants, trail.

What the journal says comes from the journal, what an item's stored object says from there, the audit trail from its
sealed segments. What is derived follows; what was declared lost is lost (archive.platform.tables).
"""
