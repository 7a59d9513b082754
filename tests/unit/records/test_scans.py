"""Page images made from stored originals: upright, kept, bounded, and decoded once however many ask."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archive.catalogue.scans import THUMBNAIL, PageSource, ScanCache
from storage import open_store
from storage.errors import NotStoredError
from storage.layout import Content, Repository

_NOW = datetime(2021, 3, 5, tzinfo=UTC)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one object: a lying page, dark at its left edge."""
    made = Repository(open_store(f"file://{tmp_path / 'store'}"))
    made.initialise()
    page = Image.new("RGB", (600, 400), "white")
    page.paste("black", (0, 0, 60, 400))
    stream = io.BytesIO()
    page.save(stream, "PNG")
    changes: dict[str, Content | None] = {"content/0001.png": Content.of_bytes(stream.getvalue())}
    made.commit("one", 1, changes, message="m", user="u", address="urn:x:y", created=_NOW)
    return made


def _source(rotation: int = 0) -> PageSource:
    return PageSource("one", "content/0001.png", "0" * 64, "scan.png", 0, rotation)


def test_pages_stand_upright(repository: Repository, tmp_path: Path) -> None:
    """A page that lay on its side is delivered turned: what was its left edge is its upper edge."""
    page = ScanCache(repository, tmp_path / "cache").page(_source(90), 400)
    assert page.size == (400, 600)
    assert np.asarray(page)[:50].mean() < 30 < np.asarray(page)[100:].mean()


def test_the_original_is_opened_once(repository: Repository, tmp_path: Path) -> None:
    """Ten requests at once for the same page and its picture in little agree, and leave one file of each."""
    cache = ScanCache(repository, tmp_path / "cache")
    with ThreadPoolExecutor(10) as pool:
        sizes = set(pool.map(lambda _number: cache.page(_source(), 300).size, range(10)))
    assert sizes == {(300, 200)}
    assert max(cache.thumbnail(_source(), 300).size) == THUMBNAIL
    assert len(list((tmp_path / "cache" / "pages").iterdir())) == 2


def test_the_cache_stays_within_its_bounds(repository: Repository, tmp_path: Path) -> None:
    """Whatever is looked at, the folder holds no more than its limit, and what was dropped is made again."""
    cache = ScanCache(repository, tmp_path / "cache", limit=5000)
    for rotation in (0, 90, 180, 270, 0):
        assert cache.page(_source(rotation), 400).width == 400
    kept = sum(file.stat().st_size for file in (tmp_path / "cache").glob("*/*"))
    assert kept <= 5000


def test_what_is_not_stored_is_said(repository: Repository, tmp_path: Path) -> None:
    """An original that is gone is an error with a name, not an empty picture, and leaves nothing behind."""
    gone = PageSource("one", "content/0002.png", "1" * 64, "scan.png", 0, 0)
    with pytest.raises(NotStoredError):
        ScanCache(repository, tmp_path / "cache").page(gone, 400)
    assert list((tmp_path / "cache").glob("*/*")) == []
