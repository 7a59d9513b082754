"""The way to the cluster: address, client, and what its refusals mean to us."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from elasticsearch import ApiError, Elasticsearch, TransportError

from search.errors import IndexUnavailableError, IndexUrlError, SearchError

__all__ = ["Address", "answering"]

_SECONDS: Final = 30
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,100}")
_BAD_REQUEST: Final = 400


@dataclass(frozen=True, slots=True)
class Address:
    """What an index URL says."""

    server: str
    name: str
    account: tuple[str, str] | None

    @classmethod
    def of_url(cls, url: str) -> "Address":
        """Read `http://user:password@host:9200/name`. Raises IndexUrlError."""
        parts = urlsplit(url)
        name = parts.path.strip("/")
        try:
            port = parts.port or (443 if parts.scheme == "https" else 9200)
        except ValueError as error:
            raise IndexUrlError("the index URL has no valid port: write it as in http://host:9200/danggui") from error
        if not parts.hostname or not _NAME.fullmatch(name) or parts.query or parts.fragment:
            raise IndexUrlError("the index URL must name host and index in small letters: http://host:9200/danggui")
        account = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(f"{parts.scheme}://{host}:{port}", name, account)

    @property
    def url(self) -> str:
        """The URL without account and password."""
        return f"{self.server}/{self.name}"

    def connect(self) -> Elasticsearch:
        """A client; it connects when first used, and is safe to use from several threads."""
        return Elasticsearch(self.server, basic_auth=self.account, request_timeout=_SECONDS)


@contextmanager
def answering(address: Address) -> Iterator[None]:
    """No answer, or one that waiting may mend, is an IndexUnavailableError; a request of ours that is wrong is not."""
    try:
        yield
    except TransportError as error:
        raise IndexUnavailableError(f"Elasticsearch at {address.server} does not answer: {error.message}") from error
    except ApiError as error:
        reason = f"Elasticsearch at {address.server} refused: {error}"
        raise (SearchError if error.status_code == _BAD_REQUEST else IndexUnavailableError)(reason) from error
