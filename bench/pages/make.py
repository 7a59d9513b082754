"""Makes judged documents: printed, scanned, and known in every character. The same for the same seed."""

import io
import os
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.pages.layouts import LAYOUTS, Fields, Layout
from bench.pages.press import Press, Print
from bench.pages.wear import Scan, scan
from bench.pages.words import words_in
from ingest.context import Box, Line, PageText
from samples.fonts import FontBook
from samples.paper import WORN_SEAL, Sheet

__all__ = ["FONTS", "JudgedDocument", "JudgedPage", "make_document", "make_documents", "make_pages"]

#: 12 documents of simplified Chinese, 8 of traditional, 3 of English, 1 of both, as the samples of the study were
ROUND = (
    "official", "letter traditional", "contract", "minutes", "notice traditional", "upward", "letter english", "list",
    "vertical", "small print", "notice", "sections", "letter", "agreement", "contract traditional", "report",
    "memorandum", "official", "minutes traditional", "upward", "list traditional", "notice", "list english", "vertical",
)  # fmt: skip
CACHE_OF_USER = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "danggui"
#: where faces lie that the system lacks
FONTS = Path(os.environ.get("DANGGUI_CACHE", CACHE_OF_USER)) / "fonts"
#: how the scans of a round are; every layout meets every one of them in turn
WEARS = ("clean", "mild", "bad", "mild", "clean", "bad", "fax")


@dataclass(frozen=True)
class JudgedPage:
    """A scanned page and the truth about it.

    `data`: the file as it came from the scanner, with its `suffix`. `truth`: a perfect reading, in pixels of the page;
    character i of a line lies between edges[i] and edges[i + 1] along its quad. `fields`: of the whole document.
    """

    name: str
    number: int
    kind: str
    script: str
    difficulty: str
    dpi: int
    data: bytes
    suffix: str
    truth: PageText
    fields: Fields

    @property
    def image(self) -> Image.Image:
        """The page in colour."""
        return Image.open(io.BytesIO(self.data)).convert("RGB")

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The page as engines take it: RGB, shape (height, width, 3)."""
        return np.asarray(self.image, np.uint8)

    @property
    def has_seal(self) -> bool:
        """Whether a seal stands on it."""
        return bool(self.truth.seals)

    def save(self, folder: Path) -> Path:
        """Writes the file into the folder, and returns where it is."""
        path = folder / f"{self.name}-{self.number}{self.suffix}"
        path.write_bytes(self.data)
        return path


@dataclass(frozen=True)
class JudgedDocument:
    """The pages of one document, and its catalogue fields: title, document_number, date, issuer, addressee, urgency,
    secrecy; "" where nothing may be proposed, absent where it is not judged."""

    pages: tuple[JudgedPage, ...]
    fields: Fields


def make_document(
    seed: int, number: int, *, kinds: Collection[str] = (), secrecy: str = "", difficulty: str = ""
) -> JudgedDocument:
    """Document `number` (from 0) of `make_documents`, without those before it."""
    names = [name for name in ROUND if not kinds or name in kinds or name.split()[0] in kinds]
    if not names:
        raise ValueError(f"none of {', '.join(sorted(set(ROUND)))}: {', '.join(kinds)}")
    layout, rng = _layout(names[number % len(names)]), random.Random(f"{seed}/{number}")
    return _document(f"{seed}-{number:03}", layout, rng, secrecy, difficulty or _wear(number, len(names)))


def make_documents(
    seed: int, count: int = len(ROUND), *, kinds: Collection[str] = (), secrecy: str = "", difficulty: str = ""
) -> Iterator[JudgedDocument]:
    """`count` documents, of these kinds only if any are named ("minutes", "minutes traditional").

    `secrecy` is printed as a mark on the first page: 机密★10年. `difficulty`: clean, mild, bad, fax; "" for all.
    """
    for number in range(count):
        yield make_document(seed, number, kinds=kinds, secrecy=secrecy, difficulty=difficulty)


def make_pages(
    seed: int, count: int = 24, *, kinds: Collection[str] = (), secrecy: str = "", difficulty: str = ""
) -> Iterator[JudgedPage]:
    """The first `count` pages of such documents; the last document may be cut off."""
    documents = make_documents(seed, count, kinds=kinds, secrecy=secrecy, difficulty=difficulty)
    pages = (page for document in documents for page in document.pages)
    yield from (page for _, page in zip(range(count), pages, strict=False))


def _wear(n: int, round_length: int) -> str:
    return WEARS[(n + n // round_length) % len(WEARS)]


@cache
def _fonts() -> FontBook:
    return FontBook((FONTS,))


def _layout(name: str) -> Layout:
    """`contract` is the first one of that kind, `contract traditional` the one of that script."""
    kind, _, script = name.partition(" ") if name != "small print" else (name, "", "")
    return next(layout for layout in LAYOUTS if layout.kind == kind and script in ("", layout.script))


def _document(name: str, layout: Layout, rng: random.Random, secrecy: str, difficulty: str) -> JudgedDocument:
    page = Press(_fonts(), rng.choice(layout.bodies), layout.size, layout.pitch)
    grey = rng.random() < 0.4
    if difficulty == "fax" or (grey and rng.random() < 0.5):
        page.seal_ink = WORN_SEAL
    if secrecy:
        page.right(secrecy, 0, "hei")
    fields = layout.write(page, words_in("simplified" if layout.script == "mixed" else layout.script, rng))
    fields = {"secrecy": secrecy} | fields
    dpi = rng.choice((200, 300))
    backs = [*page.sheets[1:], page.sheets[0]]
    pages = []
    for n, (sheet, back) in enumerate(zip(page.sheets, backs, strict=True)):
        scanned = scan(sheet.image, back.image, difficulty, rng, dpi=dpi, grey=grey)
        truth = _truth(sheet, page.prints[n], page.seals[n], scanned, dpi)
        judged = JudgedPage(
            name, n + 1, layout.kind, layout.script, difficulty, dpi, scanned.data, scanned.suffix, truth, fields
        )  # fmt: skip
        pages.append(judged)
    return JudgedDocument(tuple(pages), fields)


def _truth(sheet: Sheet, prints: Sequence[Print], seals: Sequence[Box], scanned: Scan, dpi: int) -> PageText:
    lines = tuple(_line(line, scanned.matrix) for line in prints)
    width, height = (round(side * dpi / 300) for side in sheet.image.size)
    return PageText(
        width, height, lines, "truth/1", tuple(_upright(_moved(_corners(box), scanned.matrix)) for box in seals)
    )


def _line(line: Print, matrix: NDArray[np.float64]) -> Line:
    corners = _corners(line.box)
    if line.column:
        corners = [*corners[1:], corners[0]]
    text, places = _tidy(line.text, line.places)
    start, end = line.places[0], line.places[-1]
    edges = tuple(round((place - start) / (end - start), 5) for place in places)
    return Line(text, _moved(corners, matrix), edges, 1.0)


def _tidy(text: str, places: Sequence[float]) -> tuple[str, list[float]]:
    """Without blanks that stand beside a Chinese character: no reader can know how many there are."""
    around = f"\u3000{text}\u3000"
    kept = [
        n
        for n, char in enumerate(text)
        if not char.isspace() or (_is_western(around[n]) and _is_western(around[n + 2]))
    ]
    return "".join(text[n] for n in kept), [*(places[n] for n in kept), places[-1]]


def _is_western(char: str) -> bool:
    return char < "\u2000" and not char.isspace()


def _corners(box: Box) -> list[tuple[float, float]]:
    left, top, right, bottom = box
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _moved(corners: Sequence[tuple[float, float]], matrix: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    points = np.array(corners) @ matrix[:, :2].T + matrix[:, 2]
    return tuple((round(float(x), 2), round(float(y), 2)) for x, y in points)


def _upright(corners: Sequence[tuple[float, float]]) -> Box:
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
