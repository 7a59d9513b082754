"""Pages at which workers die: the page is set aside after its tries, and its neighbours are read once."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.digitization.models import DraftPage, PageState
from archive.digitization.service import TRIES
from archive.platform.scratch import sweep_scratch
from tests.crash.crashing_archive import environment, new_archive, opened

_PAGES, _POISON = 12, 4


@pytest.mark.parametrize("how", ["kill", "exit"])
def test_a_page_that_kills_its_workers_is_set_aside(tmp_path: Path, how: str) -> None:
    """Every worker that reads it dies; it ends with the reason, all others are read, each begun exactly once."""
    folder = tmp_path / "archive"
    new_archive(folder, files=1, pages=_PAGES, size=(300, 420))
    command = [sys.executable, "-m", "tests.crash.reading_process", str(folder), str(_POISON), how]
    ends = [_end(command) for _ in range(TRIES + 1)]
    assert ends[-1] == 0
    assert 0 not in ends[:-1]
    begun = Counter(int(line) for line in (folder / "begun").read_text().split())
    assert begun == {page: TRIES if page == _POISON else 1 for page in range(1, _PAGES + 1)}
    with opened(folder) as parts:
        with parts.database.reading() as session:
            pages = session.scalars(select(DraftPage).order_by(DraftPage.source_page)).all()
        failed = [(page.source_page + 1, page.reason) for page in pages if page.state is PageState.FAILED]
        assert failed == [(_POISON, "worker_lost")]
        assert sum(page.state is PageState.DONE for page in pages) == _PAGES - 1
        sweep_scratch(parts)
        assert not list((folder / "scratch").glob("*/*"))


def _end(command: list[str]) -> int:
    return subprocess.run(command, env=environment(), check=False, timeout=60).returncode
