"""Documents of layouts, texts and issuers that are in no generator on which the field rules were tuned.

Another program sets them than those of `bench.pages` and of the tests; only the worn scanner is the same. Where rules
were mended for them afterwards, that was for documents of other seeds than the one that is measured.
"""

from bench.unseen.make import make_document

__all__ = ["make_document"]
