"""Uploads that no browser sends, and one whose batch is isolated while its last byte comes."""

from typing import Any

import pytest

from archive.digitization.models import Batch, BatchState
from archive.digitization.upload import receiving
from tests.factories.small_archive import SmallArchive
from tests.functional.records.test_upload import FILE, SCAN, Browser, Sender


@pytest.fixture
def sender(browser: Browser) -> Sender:
    """An archivist who sends scans."""
    return Sender(browser)


@pytest.mark.parametrize("wrong", [{"size": float("inf")}, {"modified": 10**30}, {"modified": -(10**30)}])
def test_numbers_that_no_file_has(sender: Sender, wrong: dict[str, Any]) -> None:
    """They are refused in words."""
    answer = sender.begin({**FILE, **wrong})
    assert (answer.status_int, answer.json["message"]) == (400, "提交的内容有误。")


@pytest.mark.parametrize("offset", ["9" * 5000, "٣", "-1", ""])
def test_offsets_that_no_script_sends(sender: Sender, offset: str) -> None:
    """They are refused."""
    begun = sender.begin(FILE).json
    assert sender.send(begun["batch"], begun["files"][0]["id"], offset, b"a").status_int == 400  # type: ignore[arg-type]


def test_nothing_stays_of_a_file_that_comes_too_late(
    small: SmallArchive, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch is isolated when the bytes lie in the store already: they are deleted, and the sender is told."""
    begun = sender.begin(FILE).json

    def isolated(point: str) -> None:
        if point == "upload.staged":
            with small.parts.database.writing() as session:
                session.get_one(Batch, begun["batch"]).state = BatchState.QUARANTINED

    monkeypatch.setattr(receiving, "fault_point", isolated)
    answer = sender.send(begun["batch"], begun["files"][0]["id"], 0, SCAN)
    assert answer.status_int == 409
    assert list(small.parts.store.list(f"intake/{begun['batch']}/")) == []
