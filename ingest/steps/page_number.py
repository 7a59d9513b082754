"""Reads the page numbers that are printed, typed or stamped at the head and the foot of a page."""

import re
from collections.abc import Iterator

from ingest.context import Line, PageText

__all__ = ["MOST", "printed_numbers"]

#: page numbers stand in these shares of the page's height
HEAD, FOOT = 0.1, 0.88
#: and are no wider than this share of its width
WIDEST = 0.35
#: so many are kept: a page may bear its own number, that of the volume and a stamped one
MOST = 4
_DASHES = "-‐-―−─━一~～·.•="
#: ordered by how surely they are page numbers; figures that stand alone have at most three digits: four are a year
_FORMS = (
    re.compile(r"第\s*(\d{1,4})\s*[页頁].*"),
    re.compile(r"(?:page|p\.)\s*(\d{1,4})\b.*", re.IGNORECASE),
    re.compile(rf"[{_DASHES}]\s*(\d{{1,4}})\s*[{_DASHES}]"),
    re.compile(r"(\d{1,4})\s*[/／]\s*\d{1,4}"),
    re.compile(rf"[{_DASHES}\s]*(\d{{1,3}})[{_DASHES}\s]*"),
)


def printed_numbers(text: PageText) -> tuple[int, ...]:
    """What may be the number of the page, the likeliest first, none twice; which one it is its neighbours tell.

    Empty if none was read.
    """
    near = sorted(_near_the_edge(text), key=_middle, reverse=True)
    found = (match for form in _FORMS for line in near if (match := form.fullmatch(line.text.strip())))
    return tuple(dict.fromkeys(int(match[1]) for match in found if int(match[1])))[:MOST]


def _near_the_edge(text: PageText) -> Iterator[Line]:
    for line in text.lines:
        across = [x for x, _ in line.quad]
        inside = HEAD * text.height < _middle(line) < FOOT * text.height
        if max(across) - min(across) <= WIDEST * text.width and not inside:
            yield line


def _middle(line: Line) -> float:
    return sum(y for _, y in line.quad) / len(line.quad)
