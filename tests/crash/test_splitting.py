"""A worker that dies while it divides a batch: the next one divides it to the same items, and each page is in one."""

from pathlib import Path

import pytest
from sqlalchemy import select

from archive.digitization.models import Batch, Draft, DraftPage, DraftState, SplitRule
from tests.crash.crashing_archive import new_archive, opened, work_in_process

_PAGES = 5
_EXPECTED = [
    ("0 · 第1–2页", [1, 2], []),
    ("0 · 第3–4页", [3, 4], []),
    ("0 – 1", [5, 1], []),
    ("1 · 第2–3页", [2, 3], []),
    ("1 · 第4–5页", [4, 5], []),
    ("2 · 第1–2页", [1, 2], []),
    ("2 · 第3–4页", [3, 4], []),
    ("2 · 第5页", [5], ["pages_short"]),
]


@pytest.mark.parametrize("fault", ["division.written", "division.kept"])
def test_a_killed_division_is_done_once(tmp_path: Path, fault: str) -> None:
    """Killed before or after its transaction: the same drafts with the same pages, all of them ready for review."""
    folder = tmp_path / "archive"
    batch_id = new_archive(folder, files=3, pages=_PAGES, size=(300, 420))
    with opened(folder) as parts, parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id)
        batch.split_rule, batch.split_pages, batch.complete, batch.accept = SplitRule.EVERY, 2, True, False
    assert work_in_process(folder, fault) < 0
    assert work_in_process(folder) == 0
    with opened(folder) as parts, parts.database.reading() as session:
        drafts = session.scalars(select(Draft).order_by(Draft.position)).all()
        found = [
            (draft.name, [page.source_page + 1 for page in draft.pages], [one["code"] for one in draft.findings])
            for draft in drafts
        ]
        assert [(name.replace(".tif", ""), pages, codes) for name, pages, codes in found] == _EXPECTED
        assert {draft.state for draft in drafts} == {DraftState.READY}
        assert len(session.get_one(Batch, batch_id).findings) == 1
        assert session.scalar(select(DraftPage.id).where(DraftPage.draft_id.is_(None))) is None
