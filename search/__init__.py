"""Finds text: one index interface, two engines behind it, and our own highlights. Knows nobody."""

from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from search.errors import IndexUrlError
from search.interface import SearchIndex

__all__ = ["open_index"]


def open_index(url: str) -> SearchIndex:
    """The index that a URL names, without touching it yet.

    `embedded:///absolute/folder`, or `http://host:9200/index` (https too, `user:password@` before the host if needed).
    Raises IndexUrlError.
    """
    parts = urlsplit(url)
    if parts.scheme == "embedded":
        return _open_folder(url, parts)
    if parts.scheme in {"http", "https"}:
        return _open_server(url)
    raise IndexUrlError(f"'{parts.scheme}:…' names no index: it must begin with embedded:///, http:// or https://")


def _open_folder(url: str, parts: SplitResult) -> SearchIndex:
    from search.embedded import EmbeddedIndex

    folder = Path(unquote(parts.path))
    if parts.netloc or parts.query or parts.fragment or not folder.is_absolute() or folder == Path("/"):
        raise IndexUrlError(f"'{url}' names no folder: it must be as in embedded:///srv/archive/index")
    return EmbeddedIndex(folder)


def _open_server(url: str) -> SearchIndex:
    try:
        import elasticsearch  # noqa: F401 - only to say early what is missing
    except ImportError as error:
        raise IndexUrlError("Elasticsearch needs its client: pip install danggui[elasticsearch]") from error
    from search.elastic import ElasticIndex

    return ElasticIndex(url)
