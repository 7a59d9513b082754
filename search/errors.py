"""What can go wrong in the index.

SearchError
├── IndexUrlError           the URL names no index that can be opened here
├── IndexUnavailableError   the engine does not answer; writing waits in the outbox
├── IndexBusyError          another process is the writer
└── QuerySyntaxError        the person's query cannot be understood; says where and what to write instead
"""

__all__ = ["IndexBusyError", "IndexUnavailableError", "IndexUrlError", "QuerySyntaxError", "SearchError"]


class SearchError(Exception):
    """Something the index could not do."""


class IndexUrlError(SearchError):
    """The URL names no index that can be opened here; the message says what to write or to install."""


class IndexUnavailableError(SearchError):
    """The search engine does not answer; search works again when it does, and nothing to be indexed is lost."""


class IndexBusyError(SearchError):
    """Another process is writing this index; there is exactly one writer."""


class QuerySyntaxError(SearchError):
    """A query that cannot be understood: `position` (0-based) is where, `reason` a stable code for the catalogue."""

    def __init__(self, reason: str, position: int) -> None:
        self.reason = reason
        self.position = position
        super().__init__(reason, position)  # both, so that the error survives the way from another process

    def __str__(self) -> str:
        return f"{self.reason} at {self.position}"
