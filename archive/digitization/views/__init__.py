"""Pages of intake: batches and drafts."""
