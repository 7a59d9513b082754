"""What an index URL may be."""

import sys
from pathlib import Path

import pytest

from search import open_index
from search.errors import IndexUrlError, QuerySyntaxError, SearchError


def test_a_folder_is_not_touched_by_opening(tmp_path: Path) -> None:
    """Opening an index makes no files."""
    index = open_index(f"embedded://{tmp_path}/a%20b")
    assert open_index(index.url).url == index.url == f"embedded://{tmp_path}/a%20b"
    assert list(tmp_path.iterdir()) == []


def test_a_server_is_not_asked_by_opening() -> None:
    """Opening an index connects to nothing, and its URL shows no password."""
    index = open_index("https://me:pass%20word@es.example:9243/danggui")
    assert index.url == "https://es.example:9243/danggui"
    index.close()


@pytest.mark.parametrize(
    "url",
    [
        "danggui",
        "file:///srv/index",
        "embedded://relative/index",
        "embedded:index",
        "embedded:///",
        "http://es:9200",
        "http://es:9200/",
        "http://es:9200/Archive",
        "http://es:9200/a/b",
        "http://es:x/danggui",
        "http:///danggui",
        "https://es/danggui?refresh=1",
    ],
)
def test_a_wrong_url_says_what_to_write(url: str) -> None:
    """A URL that names no index is refused with one that does."""
    with pytest.raises(IndexUrlError, match=r"embedded:///|http://host:9200/danggui"):
        open_index(url)


def test_a_missing_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the optional client the message names the extra to install."""
    monkeypatch.setitem(sys.modules, "elasticsearch", None)
    with pytest.raises(IndexUrlError, match=r"pip install danggui\[elasticsearch\]"):
        open_index("http://127.0.0.1:9200/danggui")


def test_errors_tell_what_and_where() -> None:
    """A query's mistake is a search error whose text has reason and place."""
    mistake = QuerySyntaxError("field-empty", 3)
    assert isinstance(mistake, SearchError)
    assert str(mistake) == "field-empty at 3"
