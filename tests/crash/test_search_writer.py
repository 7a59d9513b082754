"""The writer of an embedded index is killed in the middle of its work."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from search import open_index
from search.errors import IndexBusyError
from search.interface import SearchIndex
from search.testing import document, fill, found, ids_found

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    """An index with one record."""
    index = open_index(f"embedded://{tmp_path}/index")
    fill(index, document("before", "总结"))
    return index


@contextmanager
def _process(index: SearchIndex, act: str) -> Iterator[None]:
    """A process that is writing, killed at the end."""
    command = [sys.executable, "-m", "tests.crash.search_writer", index.url, act]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        try:
            yield
        finally:
            process.kill()


def test_a_killed_writer_leaves_what_it_committed_and_no_lock(index: SearchIndex) -> None:
    """While it lives nobody else may write; after kill -9 another writes at once, and whole commits are there."""
    with _process(index, "write"), pytest.raises(IndexBusyError), index.writer():
        pass
    fill(index, document("after", "总结"))
    assert {"before", "first", "after"} <= set(index.ids())
    assert len(set(index.ids()) - {"before", "first", "after"}) % 50 == 0
    assert found(index, "总结").total == len(list(index.ids()))


def test_a_killed_rebuild_changes_nothing(index: SearchIndex, tmp_path: Path) -> None:
    """After kill -9 in a rebuild the old index is searched and written on, and what was begun is swept away."""
    with _process(index, "rebuild"):
        assert ids_found(index, "总结") == {"before"}
    assert ids_found(index, "总结") == {"before"}
    fill(index, document("after", "总结"))
    assert ids_found(index, "总结") == {"before", "after"}
    assert len([path for path in (tmp_path / "index").iterdir() if path.is_dir()]) == 1
