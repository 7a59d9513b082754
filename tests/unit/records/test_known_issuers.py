"""A doubtful issuer is proposed as the known one that it looks like; others are left alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from archive.digitization.known_issuers import likely_issuer
from archive.digitization.models import Draft, DraftPage, DraftState
from archive.digitization.proposing import settle
from archive.platform.accounts.models import Unit
from archive.platform.parts import Parts
from tests.factories.organisation import Organisation
from tests.unit.ingest.layouts import laid_out
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]
KNOWN = ("海州市档案局", "海州市司法局", "海州市司去局办公室", "江海实业集团有限公司")


@pytest.mark.parametrize(
    ("read", "likely"),
    [
        ("海州市档窑局", "海州市档案局"),
        ("海州市司法局", "海州市司法局"),
        ("江悔实业集困有限公司", "江海实业集团有限公司"),
        ("海州市同去局", ""),
        ("海州市局", ""),
        ("", ""),
    ],
)
def test_one_in_five_characters_may_be_wrong(read: str, likely: str) -> None:
    """A name is another if more of it differs, if it is of other length, or if two are alike."""
    assert likely_issuer(read, KNOWN) == likely


@pytest.mark.parametrize(("sure", "proposed"), [(0.9, "海州市档案局"), (1.0, "海州市档窑局")])
def test_what_is_read_surely_stays(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, sure: float, proposed: str
) -> None:
    """A department's name takes the place of a doubtful reading of it, and is itself not sure."""
    _, (file,) = take_in(parts, organisation.people["archivist"], organisation.category, [("函.tif", tiff(1))])
    run_jobs()
    page = laid_out("#关于借用场地的函\n市司法局：\n_请予支持为盼。\n>海州市档窑局\n>2020年3月9日")
    lines = [replace(line, confidence=sure if "档窑" in line.text else 1.0) for line in page.lines]
    with parts.database.writing() as session:
        session.add(Unit(code="DAJ", name="海州市档案局"))
        draft = session.get_one(Draft, file.id)
        draft.state = DraftState.RECOGNISING
        session.query(DraftPage).filter_by(draft_id=draft.id).one().content = replace(
            page, lines=tuple(lines)
        ).to_json()
    settle(parts, file.id)
    with parts.database.reading() as session:
        draft = session.get_one(Draft, file.id)
        (issuer,) = (one for one in draft.proposals if one["field"] == "issuer")
    assert draft.fields["issuer"] == issuer["value"] == proposed
    assert issuer["confidence"] < 0.91
