"""Fields of documents of many kinds and issuers: right nearly always, and hardly ever wrong with confidence."""

import datetime
import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.context import PageText
from ingest.official_document import propose
from tests.unit.ingest.layouts import laid_out
from tests.unit.ingest.made_documents import KINDS, Made, made, misread, numeral

DOCUMENTS = [made(seed) for seed in range(20 * len(KINDS))]
CATALOGUE = ("title", "document_number", "date", "issuer")
OTHERS = ("addressee", "document_type", "attachments", "copies_to", "secrecy", "term", "urgency", "seal")
#: from here on a proposal counts as sure
SURE = 0.9
NUMERALS = "〇一二三四五六七八九"
Read = Callable[[Made], tuple[PageText, ...]]


def _judged(read: Read) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """For each field how often it was asked for, right, and wrong with confidence."""
    asked, right, surely_wrong = Counter[str](), Counter[str](), Counter[str]()
    for document in DOCUMENTS:
        proposals = {one.field: one for one in propose(read(document))}
        for field, value in document.fields.items():
            proposal = proposals.get(field)
            asked[field] += 1
            if (proposal.value if proposal else "") == value:
                right[field] += 1
            elif proposal and proposal.confidence >= SURE:
                surely_wrong[field] += 1
    return asked, right, surely_wrong


def test_fields_of_made_documents() -> None:
    """Title, number, date and issuer are right on 97 of 100 documents, and wrong with confidence on none of 100."""
    asked, right, surely_wrong = _judged(lambda document: document.pages)
    for field in (*CATALOGUE, *OTHERS):
        assert right[field] >= 0.97 * asked[field], field
        assert surely_wrong[field] < 0.01 * asked[field], field


def test_misread_characters_lower_the_confidence() -> None:
    """Where one character in seventy was misread, what is wrong is not proposed with confidence."""
    asked, right, surely_wrong = _judged(
        lambda document: tuple(misread(page, random.Random(n), 0.015) for n, page in enumerate(document.pages))
    )
    for field in CATALOGUE:
        assert surely_wrong[field] <= 0.01 * asked[field], field
        assert right[field] >= 0.6 * asked[field], field


@settings(max_examples=60)
@given(
    code=st.text("江海东港办字发财档委", min_size=1, max_size=8),
    year=st.integers(1950, 2049),
    number=st.integers(1, 9999),
    brackets=st.sampled_from(("〔〕", "[]", "［］", "（）", "()", "【】", "{}")),
    zeros=st.integers(0, 2),
)
def test_every_number_is_made_alike(code: str, year: int, number: int, brackets: str, zeros: int) -> None:
    """However its brackets and zeros are printed, a number reads 江海办发〔2021〕12号."""
    page = laid_out(
        f"!东江港务集团有限公司文件\n^{code}{brackets[0]}{year}{brackets[1]}{'0' * zeros}{number}号\n#关于放假的通知"
    )
    found = {one.field: one.value for one in propose([page])}
    assert found["document_number"] == f"{code}〔{year}〕{number}号"


@settings(max_examples=60)
@given(day=st.dates(datetime.date(1912, 1, 1), datetime.date(2049, 12, 31)), form=st.integers(0, 4))
def test_every_day_is_read_in_every_writing(day: datetime.date, form: int) -> None:
    """Any day, in digits, numerals, English, or years of the Republic, becomes YYYYMMDD."""
    printed = (
        f"{day.year}年{day.month}月{day.day}日",
        f"{''.join(NUMERALS[int(digit)] for digit in str(day.year))}年{numeral(day.month)}月{numeral(day.day)}日",
        f"{day.year}-{day.month:02}-{day.day:02}",
        f"{day.day} {day:%B} {day.year}",
        f"中華民國{day.year - 1911}年{day.month}月{day.day}日",
    )[form]
    found = {one.field: one.value for one in propose([laid_out(f"#关于放假的通知\n>东江港务集团有限公司\n>{printed}")])}
    assert found["date"] == f"{day:%Y%m%d}"


@given(year=st.integers(1000, 9999), month=st.integers(0, 99), day=st.integers(0, 99))
def test_no_day_is_invented(year: int, month: int, day: int) -> None:
    """What is no day of the calendar, or of no likely year, is not proposed as one."""
    found = {one.field: one.value for one in propose([laid_out(f"#关于放假的通知\n>{year}年{month}月{day}日")])}
    try:
        exists = 1800 <= year < 2100 and bool(datetime.date(year, month, day))
    except ValueError:
        exists = False
    assert ("date" in found) == exists


@settings(max_examples=60)
@given(st.lists(st.text(max_size=30), max_size=12))
def test_nonsense_breaks_nothing(lines: list[str]) -> None:
    """Whatever stands on a page, what is proposed points at a line of it and is more or less sure."""
    page = laid_out("\n".join("x" + " ".join(line.split()) for line in lines) or "x")
    for proposal in propose([page]):
        assert 0 <= proposal.confidence <= 1
        assert proposal.line is not None
        assert proposal.line + proposal.lines <= len(page.lines)


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("二○〇二年二月二十三日", "20020223"),
        ("2O21年3月5日", ""),
        ("民國一百一十年三月五日", "20210305"),
        ("廿一日", ""),
    ],
)
def test_dates_as_they_are_written(printed: str, date: str) -> None:
    """Old and mixed numerals are read; what is not whole is not guessed at with confidence."""
    found = {one.field: one for one in propose([laid_out(f"#关于放假的通知\n>东江港务集团有限公司\n>{printed}")])}
    assert (found["date"].value if "date" in found and found["date"].confidence > 0.5 else "") == date


def test_a_year_that_was_misread_is_that_of_the_number() -> None:
    """One wrong digit in the year of the date: the number's year is proposed, and neither is sure."""
    page = laid_out(
        "!东江港务集团有限公司文件\n^东港办〔2015〕7号\n#关于放假的通知\n>东江港务集团有限公司\n>2045年11月30日"
    )
    found = {one.field: one for one in propose([page])}
    assert found["date"].value == "20151130"
    assert found["date"].confidence < SURE
