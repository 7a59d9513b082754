"""Divides pages into items by a rule, and says what is doubtful about it. Pure; it guesses nothing, loses no page."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from archive.digitization.models import PageRole, PageState, SplitRule, Splitting
from ingest.steps.separators import SheetCode

__all__ = ["Division", "Part", "ReadPage", "divide"]

#: more findings of one kind say no more than that the pages have to be looked through
_MOST = 50

#: what a sheet carries that holds until another one of its kind: all that follows lies in that box
_LASTING = "box"


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page of a file, `source_page` counting from 0, as it was read; `sheet` as in ingest.context.Sheet."""

    id: str
    file_id: str
    file_name: str
    source_page: int
    role: PageRole
    state: PageState
    blank: bool
    sheet: Mapping[str, Any] | None

    @property
    def is_doubtful(self) -> bool:
        """It looks like a sheet between items, and a person did not say yet what it is."""
        return self.role is PageRole.CONTENT and self.sheet is not None and self.sheet["kind"] == "doubtful"

    @property
    def code(self) -> SheetCode | None:
        """What it says as a sheet between items."""
        text = self.sheet["text"] if self.sheet and self.role is PageRole.SEPARATOR else ""
        return SheetCode.of_text(text) if text else None


@dataclass(slots=True)
class Part:
    """The pages of one item. `separator`: a line `kind:payload` for each thing that the sheets before it say of it."""

    pages: list[ReadPage]
    separator: str = ""
    findings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Division:
    """Parts in order, ids of pages that turned out to be sheets between items, what is doubtful, sheets that were met.

    `met`: set of sheets -> their numbers.
    """

    parts: list[Part] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    met: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


def divide(pages: Sequence[ReadPage], splitting: Splitting, met_before: Mapping[str, Collection[int]]) -> Division:
    """Divide pages in their order. `met_before`: numbers of each set of sheets that earlier batches had."""
    division = Division()
    blanks = _blank_sheets(pages, duplex=splitting.duplex) if splitting.rule is SplitRule.BLANK else set()
    division.sheets = [page.id for page in pages if page.id in blanks]
    is_sheet = [page.role is PageRole.SEPARATOR or page.id in blanks for page in pages]
    division.parts = list(_parts(pages, is_sheet, splitting))
    _judge_sets(division, pages, met_before)
    _judge_doubtful(division)
    if splitting.rule in (SplitRule.SEPARATORS, SplitRule.BLANK):
        _judge_unread(division)
    if splitting.duplex:
        _judge_sides(division, pages)
    _judge_whole(division, pages, is_sheet, splitting)
    return division


def _parts(pages: Sequence[ReadPage], is_sheet: Sequence[bool], splitting: Splitting) -> Iterator[Part]:
    """Sheets one after the other are one place to divide at; what may be a sheet stands for itself."""
    full = splitting.pages if splitting.rule is SplitRule.EVERY else len(pages)
    part, carried = Part([]), ""
    lasting = ""
    for page, sheet in zip(pages, is_sheet, strict=True):
        if part.pages and (sheet or page.is_doubtful or part.pages[-1].is_doubtful or len(part.pages) == full):
            yield part
            part, carried = Part([]), ""
        if sheet:
            code = page.code
            if code and code.carries == _LASTING:
                lasting = f"{code.carries}:{code.payload}"
            elif code and code.payload:
                carried = f"{code.carries}:{code.payload}"
        else:
            part.pages.append(page)
            part.separator = "\n".join(line for line in (lasting, carried) if line)
    if part.pages:
        yield part


def _blank_sheets(pages: Sequence[ReadPage], *, duplex: bool) -> set[str]:
    """Pages of the sheets that are blank on both sides; scanned on one side, each page is a sheet."""
    sheets = _sides(pages) if duplex else [[page] for page in pages]
    blank = [sheet for sheet in sheets if all(page.blank for page in sheet) and len(sheet) == (2 if duplex else 1)]
    return {page.id for sheet in blank for page in sheet if page.role is PageRole.CONTENT}


def _sides(pages: Sequence[ReadPage]) -> Iterator[list[ReadPage]]:
    """Front and back together: by their places in a file, or one after the other where each file is one page."""
    of_files = [list(group) for _, group in groupby(pages, key=lambda page: page.file_id)]
    for alone, files in groupby(of_files, key=lambda file: len(file) == 1 and file[0].source_page == 0):
        if alone:
            row = [page for file in files for page in file]
            yield from (row[at : at + 2] for at in range(0, len(row), 2))
        else:
            for file in files:
                yield from (list(sheet) for _, sheet in groupby(file, key=lambda page: page.source_page // 2))


def _judge_sets(division: Division, pages: Sequence[ReadPage], met_before: Mapping[str, Collection[int]]) -> None:
    """Sheets of a set are numbered: those between two that were found must be there, too."""
    found: dict[str, list[tuple[int, SheetCode]]] = defaultdict(list)
    for at, page in enumerate(pages):
        if code := page.code:
            found[code.set_id].append((at, code))
    for set_id, sheets in found.items():
        numbers = {code.number for _, code in sheets}
        division.met[set_id] |= numbers
        known = numbers | set(met_before.get(set_id, ()))
        for one, other in pairwise(sheets):
            _judge_gap(division, pages, (one, other), known)
        (first, lowest), (last, highest) = sheets[0], sheets[-1]
        if before := [number for number in range(1, lowest.number) if number not in known]:
            _missing(division, pages, (None, first), lowest.count, before)
        if after := [number for number in range(highest.number + 1, highest.count + 1) if number not in known]:
            _missing(division, pages, (last, None), highest.count, after)


def _judge_gap(
    division: Division,
    pages: Sequence[ReadPage],
    gap: tuple[tuple[int, SheetCode], tuple[int, SheetCode]],
    known: Collection[int],
) -> None:
    """What is wrong with two sheets of a set, one found after the other."""
    (at, code), (then, following) = gap
    missing = [number for number in range(code.number + 1, following.number) if number not in known]
    if following.number < code.number:
        value = {**_place(pages[then]), "number": following.number}
        division.findings.append(_finding("separators_disordered", pages[then], value))
    elif missing:
        _missing(division, pages, (at, then), code.count, missing)


def _missing(
    division: Division,
    pages: Sequence[ReadPage],
    between: tuple[int | None, int | None],
    count: int,
    numbers: list[int],
) -> None:
    """Sheets that were not found between two places; the items there may be several in one."""
    start, end = between
    kind = "before" if start is None else "after" if end is None else "missing"
    value: dict[str, Any] = {"numbers": _listed(numbers), "count": count}
    if start is not None:
        value |= _place(pages[start])
    if end is not None:
        value |= {f"next_{name}": fact for name, fact in _place(pages[end]).items()}
    at = end if start is None else start
    found = _finding(f"separators_{kind}", pages[at or 0], value)
    division.findings.append(found)
    concerned = {page.id for page in pages[(start or 0) : len(pages) if end is None else end]}
    for part in division.parts:
        if part.pages[0].id in concerned:
            part.findings.append(found)


def _judge_doubtful(division: Division) -> None:
    """What may be a sheet between items stands for itself; the items beside it may not be whole."""
    for index, part in enumerate(division.parts):
        if not part.pages[0].is_doubtful:
            continue
        found = _finding("separator_doubtful", part.pages[0], _place(part.pages[0]))
        division.findings.append(found)
        part.findings.append(found)
        for beside in division.parts[max(0, index - 1) : index + 2]:
            if not beside.pages[0].is_doubtful:
                beside.findings.append(_finding("separator_near", part.pages[0], {}))


def _judge_unread(division: Division) -> None:
    """What could not be read may be a sheet between items, too."""
    for part in division.parts:
        failed = [page for page in part.pages if page.state is PageState.FAILED][:_MOST]
        unread = [_finding("page_unreadable", page, _place(page)) for page in failed]
        division.findings += unread
        part.findings += unread


def _judge_sides(division: Division, pages: Sequence[ReadPage]) -> None:
    """Scanned on both sides, a file has an even number of pages."""
    for _, group in groupby(pages, key=lambda page: page.file_id):
        file = list(group)
        if len(file) > 1 and len(file) % 2:
            value = {"file": file[0].file_name, "pages": len(file)}
            division.findings.append(_finding("sides_odd", file[0], value))


def _judge_whole(division: Division, pages: Sequence[ReadPage], is_sheet: Sequence[bool], splitting: Splitting) -> None:
    """Whether the rule fitted at all."""
    none = {SplitRule.SEPARATORS: "separators_none", SplitRule.BLANK: "blanks_none"}.get(splitting.rule)
    if none and len(pages) > 1 and not any(is_sheet):
        division.findings.append(_finding(none, pages[0], {}))
        for part in division.parts:
            part.findings.append(_finding(none, part.pages[0], {}))
    if splitting.rule is SplitRule.EVERY:
        for part in division.parts:
            if len(part.pages) < splitting.pages and not part.pages[0].is_doubtful:
                value = {**_place(part.pages[0]), "pages": len(part.pages), "expected": splitting.pages}
                found = _finding("pages_short", part.pages[0], value)
                division.findings.append(found)
                part.findings.append(found)
    del division.findings[4 * _MOST :]


def _finding(code: str, page: ReadPage, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": code, "page": page.id, "value": dict(value)}


def _place(page: ReadPage) -> dict[str, Any]:
    return {"file": page.file_name, "page": page.source_page + 1}


def _listed(numbers: Sequence[int]) -> str:
    """Numbers as people write them: `3–5、9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "、".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
