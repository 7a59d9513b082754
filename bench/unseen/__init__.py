"""Documents of layouts, texts and issuers on which the rules of ingest.official_document were not tuned.

Another program sets them than those of `bench.pages` and of the tests; only the worn scanner is the same.
"""

from bench.unseen.make import make_document

__all__ = ["make_document"]
