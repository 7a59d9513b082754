"""The index in a folder of this machine, kept by tantivy: no server, any number of readers, one writer."""

from search.embedded.index import EmbeddedIndex

__all__ = ["EmbeddedIndex"]
