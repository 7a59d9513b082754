"""What every layout gives, and the parts that several of them print."""

import datetime
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.pages.press import Press
from bench.pages.words import Matter, Words, counted
from samples.paper import LEFT, RIGHT

__all__ = ["Fields", "Layout", "body", "day_of", "headings", "signed", "table_of", "title"]

#: field -> what a perfect reader proposes, "" where it must propose nothing; a field that is not judged is absent
Fields = dict[str, str]


@dataclass(frozen=True)
class Layout:
    """A kind of document: `write` prints one and says its fields. `size`, `pitch`: of the body, at 300 dpi."""

    kind: str
    script: str
    write: Callable[[Press, Words], Fields]
    bodies: tuple[str, ...]
    size: int = 66
    pitch: int = 120


def day_of(rng: random.Random, first: int = 1996, last: int = 2025) -> datetime.date:
    """A day on which a document may be signed."""
    return datetime.date(first, 1, 1) + datetime.timedelta(days=rng.randrange((last - first + 1) * 365))


def title(page: Press, text: str, face: str = "head", size: int = 88) -> None:
    """A title in the middle, over as many lines of like length as it needs."""
    count = -(-len(text) * size // int((RIGHT - LEFT) * 0.92))
    step = -(-len(text) // count)
    page.space(0.4)
    for start in range(0, len(text), step):
        page.centred(text[start : start + step], face, size, pitch=size * 1.57)
    page.space(0.5)


def headings(count: int) -> list[str]:
    """一、二、三、…"""
    return [f"{counted(n)}、" for n in range(1, count + 1)]


def body(page: Press, matter: Matter, *, face: str = "hei", apart: bool = True) -> None:
    """The opening and the paragraphs under their headings; `apart` gives each heading its own line."""
    page.paragraph(matter.opening)
    for mark, (heading, text) in zip(headings(len(matter.paragraphs)), matter.paragraphs, strict=True):
        if apart:
            page.paragraph(mark + heading, face=face)
            page.paragraph(text)
        else:
            page.paragraph(f"{mark}{heading}。{text}")


def table_of(page: Press, rows: Sequence[Sequence[str]]) -> None:
    """A table whose columns are as wide as their longest cells ask for."""
    widths = [max(len(row[n]) for row in rows) + 2.5 for n in range(len(rows[0]))]
    page.table([list(row) for row in rows], widths)


def signed(page: Press, name: str, date: str, seal: str = "", indent: float = 4) -> None:
    """The name above the date, about the middle of it as GB/T 9704 asks, and the seal over both."""
    page.space(1.3)
    middle = page.width(date, page.body, page.size) / 2 / page.size + indent
    half = page.width(name, page.body, page.size) / 2 / page.size
    page.right(name, max(1.0, middle - half))
    page.right(date, indent)
    if seal:
        page.seal(seal, RIGHT - middle * page.size - 250, page.y - 2 * page.pitch - 170)
