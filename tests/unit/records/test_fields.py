"""Fields of a draft: filled from what was read, mended by people, judged in plain words."""

import pytest

from archive.catalogue.models import Control, TradeSecrecy
from archive.digitization.fields import DraftFields, first_fields, problems, unit_of_issuer
from archive.digitization.quarantine import bears_mark
from ingest.context import Line, PageText, Proposal
from ingest.official_document import propose


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("20210305", "20210305"),
        ("2021-3-5", "20210305"),
        ("2021年3月5日", "20210305"),
        ("2021年3月", "20210300"),
        ("2021", "20210000"),
        ("昨天", "昨天"),
    ],
)
def test_dates_become_eight_digits(typed: str, kept: str) -> None:
    """Dates as people write them are kept as eight digits, unknown parts 0; what is no date stays to be mended."""
    fields = DraftFields.from_form({"title": "a", "date": typed, "unit_id": "u", "retention": "Y", "control": "public"})
    assert fields.date == kept
    assert ("date" in problems(fields)) == (typed == "昨天")


def test_what_was_read_fills_the_form() -> None:
    """Title, number, date and issuer come from the page; the year follows the date; trade secrecy is never lowered."""
    read = [
        Proposal("title", "关于档案工作的\n通知", 0.9, 1, 2),
        Proposal("date", "20201231", 0.9, 1, 9),
        Proposal("issuer", "江海集团财务部", 0.8, 1, 1),
        Proposal("secrecy", "核心商密★5年", 0.9, 1, 0),
    ]
    fields = first_fields(read, "a.tif", electronic_only=True, year=2021)
    assert (fields.title, fields.year, fields.trade_secrecy) == ("关于档案工作的 通知", 2020, "core")
    assert unit_of_issuer(fields.issuer, {"1": "财务部", "2": "工程部"}) == "1"


@pytest.mark.parametrize("printed", ["内部", "内部资料", "內部文件", "内部使用"])
def test_internal_is_a_circle_of_knowledge(printed: str) -> None:
    """A page marked 内部 is proposed as internal; the mark is no secrecy of any kind and stops no batch."""
    quad = ((100.0, 100.0), (300.0, 100.0), (300.0, 140.0), (100.0, 140.0))
    ends = tuple(number / len(printed) for number in range(len(printed) + 1))
    read = propose([PageText(1000, 1400, (Line(printed, quad, ends, 0.99),), "test/1")])
    assert [proposal.value for proposal in read if proposal.field == "secrecy"] == ["内部"]
    assert not bears_mark(read)
    fields = first_fields(read, "a.tif", electronic_only=True, year=2021)
    assert (fields.control, fields.trade_secrecy) == (Control.INTERNAL, TradeSecrecy.NONE)


def test_without_any_text_the_name_is_the_title() -> None:
    """A scan that says nothing is named as its file, in the present year."""
    fields = first_fields([], "目录/扫描0001.tif", electronic_only=False, year=2021)
    assert (fields.title, fields.year) == ("扫描0001", 2021)


def test_every_problem_has_its_field() -> None:
    """What is missing or wrong is said at its field, all at once."""
    found = problems(DraftFields.from_form({"date": "20211340", "document_number": "x" * 101}))
    wrong = {"title", "document_number", "date", "unit_id", "retention", "control", "trade_secrecy"}
    assert set(found) == wrong


@pytest.mark.parametrize(
    ("value", "secret"), [("机密★10年", True), ("绝密", True), ("内部", False), ("核心商密", False)]
)
def test_state_secrecy_is_told_from_other_marks(value: str, secret: bool) -> None:
    """Only marks of state secrecy stop a batch."""
    assert bears_mark([Proposal("secrecy", value, 0.9, 1, 0)]) is secret
