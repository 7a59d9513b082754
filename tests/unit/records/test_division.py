"""Dividing pages into items: each page is in one item, in order; what is doubtful is said with its place."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.digitization.models import PageRole, PageState, SplitRule, Splitting
from archive.digitization.separators.division import Division, ReadPage, divide
from archive.digitization.separators.words import carried, describe
from archive.platform.errors import InvalidError
from ingest.steps.separators import SheetCode

SHEETS = Splitting(SplitRule.SEPARATORS)
BLANK, DUPLEX = Splitting(SplitRule.BLANK), Splitting(SplitRule.BLANK, duplex=True)

#: what a page may be: content, blank, failed, patch, doubtful, or a sheet of ours with its number
KINDS = ("page", "blank", "failed", "patch", "doubtful", 1, 2, 3, 4, 9)


def page(kind: Any, at: int, file: str = "扫描.pdf") -> ReadPage:
    """A page of this kind."""
    sheet: dict[str, str] | None = None
    if isinstance(kind, SheetCode):
        sheet = {"kind": "separator", "text": kind.text}
    elif isinstance(kind, int):
        sheet = {"kind": "separator", "text": SheetCode("0A1B2C3D4E", kind, 9).text}
    elif kind in ("patch", "doubtful"):
        sheet = {"kind": kind, "text": ""}
    certain = sheet is not None and kind != "doubtful"
    role = PageRole.SEPARATOR if certain else PageRole.CONTENT
    state = PageState.FAILED if kind == "failed" else PageState.DONE
    return ReadPage(f"{file}:{at}", file, file, at, role, state, kind == "blank", sheet)


def pages(*kinds: Any, file: str = "扫描.pdf") -> list[ReadPage]:
    """The pages of one file."""
    return [page(kind, at, file) for at, kind in enumerate(kinds)]


def parts(division: Division) -> list[list[int]]:
    """Numbers of the pages of each part, from 1."""
    return [[one.source_page + 1 for one in part.pages] for part in division.parts]


def codes(findings: Sequence[dict[str, Any]]) -> list[str]:
    """The codes of findings; each has words for all its facts."""
    for one in findings:
        words = describe(one["code"], one["value"])
        assert words.message.format(**words.facts)
    return [one["code"] for one in findings]


@given(
    st.lists(st.sampled_from(KINDS), max_size=30),
    st.sampled_from(SplitRule),
    st.integers(1, 5),
    st.booleans(),
    st.lists(st.integers(1, 30), max_size=3),
)
def test_every_page_is_in_one_part(kinds: list[Any], rule: SplitRule, size: int, duplex: bool, cuts: list[int]) -> None:
    """Whatever comes, by whatever rule: pages keep their order, none is lost or doubled, no part is empty."""
    came = [
        page(kind, at - max((cut for cut in cuts if cut <= at), default=0), f"{sum(cut <= at for cut in cuts)}.pdf")
        for at, kind in enumerate(kinds)
    ]
    division = divide(came, Splitting(rule, size, duplex), {})
    content = [one.id for one in came if one.role is PageRole.CONTENT and one.id not in division.sheets]
    assert [one.id for part in division.parts for one in part.pages] == content
    assert all(part.pages for part in division.parts)
    assert all(one.blank for one in came if one.id in division.sheets)
    codes(division.findings)
    if rule is SplitRule.EVERY:
        assert all(len(part.pages) <= size for part in division.parts)


def test_sheets_divide() -> None:
    """Sheets of ours and patch pages stand between items; several in a row are one place, and nothing is wrong."""
    division = divide(pages(1, "page", "page", 2, 2, "page", "patch", 3, "page", *range(4, 10)), SHEETS, {})
    assert parts(division) == [[2, 3], [6], [9]]
    assert codes(division.findings) == []


def test_missing_sheets_are_reported_with_their_place() -> None:
    """Numbers that should stand between two that were found: between which pages, and which items it concerns."""
    division = divide(pages(1, "page", 2, "page", "page", 5, "page", "page", *range(6, 10)), SHEETS, {})
    assert codes(division.findings) == ["separators_missing"]
    value = {"numbers": "3–4", "count": 9, "file": "扫描.pdf", "page": 3, "next_file": "扫描.pdf", "next_page": 6}
    assert division.findings[0]["value"] == value
    assert [codes(part.findings) for part in division.parts] == [[], ["separators_missing"], []]


def test_missing_sheets_at_the_ends() -> None:
    """Numbers before the first sheet and behind the last one are missing too, unless an earlier batch had them."""
    came = pages("page", 3, "page", 4, "page")
    division = divide(came, SHEETS, {})
    assert codes(division.findings) == ["separators_before", "separators_after"]
    assert [codes(part.findings) for part in division.parts] == [["separators_before"], [], ["separators_after"]]
    assert divide(came, SHEETS, {"0A1B2C3D4E": (1, 2, 5, 6, 7, 8, 9)}).findings == []
    assert division.met == {"0A1B2C3D4E": {3, 4}}


def test_sheets_out_of_order_are_reported() -> None:
    """A stack that was turned over, or a sheet that was used twice."""
    division = divide(pages(1, "page", 3, "page", 2, "page", *range(4, 10)), SHEETS, {})
    assert codes(division.findings) == ["separators_disordered"]
    assert division.findings[0]["value"]["number"] == 2


def test_a_doubtful_sheet_stands_for_itself() -> None:
    """It is neither dropped nor put into an item; those beside it say that something may be wrong."""
    division = divide(pages(1, "page", "doubtful", "page", *range(2, 10)), SHEETS, {})
    assert parts(division) == [[2], [3], [4]]
    assert [codes(part.findings) for part in division.parts] == [
        ["separator_near"],
        ["separator_doubtful"],
        ["separator_near"],
    ]
    decided = [one if one.source_page != 2 else page("page", 2) for one in pages(1, "page", "doubtful", "page")]
    assert parts(divide(decided, SHEETS, {})) == [[2, 3, 4]]


def test_a_page_that_could_not_be_read_may_be_a_sheet() -> None:
    """Its item and the batch say so."""
    division = divide(pages("patch", "page", "failed", "page"), SHEETS, {})
    assert parts(division) == [[2, 3, 4]]
    assert codes(division.parts[0].findings) == codes(division.findings) == ["page_unreadable"]


@pytest.mark.parametrize(("splitting", "code"), [(SHEETS, "separators_none"), (BLANK, "blanks_none")])
def test_a_rule_that_found_nothing_is_doubtful(splitting: Splitting, code: str) -> None:
    """All pages in one item is most likely not what was meant."""
    division = divide(pages("page", "page", "page"), splitting, {})
    assert parts(division) == [[1, 2, 3]]
    assert codes(division.findings) == codes(division.parts[0].findings) == [code]


def test_blank_sheets_divide() -> None:
    """Scanned on one side each blank page is a sheet; on both sides only what is blank on both."""
    came = pages("page", "blank", "page", "page", "blank", "blank", "page", "blank")
    assert parts(divide(came, BLANK, {})) == [[1], [3, 4], [7]]
    division = divide(came, DUPLEX, {})
    assert parts(division) == [[1, 2, 3, 4], [7, 8]]
    assert division.sheets == ["扫描.pdf:4", "扫描.pdf:5"]
    assert codes(division.findings) == []


def test_sides_in_files_of_their_own() -> None:
    """Where a scanner makes a file of each side, two of them are a sheet; an odd file of several is doubtful."""
    came = [page(kind, 0, f"{at}.jpg") for at, kind in enumerate(["page", "page", "blank", "blank", "page", "page"])]
    assert [len(part.pages) for part in divide(came, DUPLEX, {}).parts] == [2, 2]
    division = divide(pages("page", "page", "blank", "blank", "page"), DUPLEX, {})
    assert codes(division.findings) == ["sides_odd"]


def test_every_n_pages() -> None:
    """A shorter part is doubtful; an item of no pages is refused."""
    division = divide(pages(*["page"] * 7), Splitting(SplitRule.EVERY, 3), {})
    assert parts(division) == [[1, 2, 3], [4, 5, 6], [7]]
    assert [codes(part.findings) for part in division.parts] == [[], [], ["pages_short"]]
    assert codes(divide(pages(*["page"] * 6), Splitting(SplitRule.EVERY, 3), {}).findings) == []
    with pytest.raises(InvalidError):
        Splitting(SplitRule.EVERY, 0)


def test_what_sheets_say_is_carried() -> None:
    """A box holds until the next box; a code or an entry is that of the next item."""

    def sheet(number: int, carries: str = "plain", payload: str = "") -> SheetCode:
        return SheetCode("0A1B2C3D4E", number, 4, carries, payload)

    box, other = sheet(1, "box", "Z109-2021-Y-BGS-1"), sheet(4, "box", "Z109-2021-Y-BGS-2")
    entry = sheet(2, "entry", "消防检查：通知")
    division = divide(pages(box, entry, "page", sheet(3), "page", other, "page"), SHEETS, {})
    said = [part.separator for part in division.parts]
    assert said == [
        "box:Z109-2021-Y-BGS-1\nentry:消防检查：通知",
        "box:Z109-2021-Y-BGS-1",
        "box:Z109-2021-Y-BGS-2",
    ]
    assert [words.facts["payload"] for words in carried(said[0])] == ["Z109-2021-Y-BGS-1", "消防检查：通知"]
    assert carried("") == []
