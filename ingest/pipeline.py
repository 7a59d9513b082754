"""From a scanned page to its text: open, judge, turn upright, read, and keep a small picture."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.context import Line, PageResult, PageText
from ingest.engines import default_engine, open_engine
from ingest.engines.interface import OcrEngine
from ingest.sources import Source, open_source
from ingest.steps.blank import is_blank
from ingest.steps.colour import colour_mode
from ingest.steps.fingerprint import fingerprint
from ingest.steps.orientation import clockwise_turn, turned
from ingest.steps.page_number import printed_numbers
from ingest.steps.quality import judge
from ingest.steps.reduction import reduced
from ingest.steps.sealed import read_under_seals
from ingest.steps.seals import without_seals
from ingest.steps.separators import find_sheet
from ingest.steps.thumbnail import thumbnail

__all__ = ["BORN_DIGITAL", "engine_named", "process_page", "read_page"]

#: stands for the engine where the text is the file's own
BORN_DIGITAL = "born-digital/1"


def process_page(source: Source, number: int, engine: OcrEngine, turn: int | None = None) -> PageResult:
    """Reads page `number` (from 1) of an opened source. An empty page has no text.

    A sheet between items is read too: whatever looks like one may bear a mark that must not be missed.

    `turn`: the clockwise turn that a person chose, None to find it out. Raises UnreadableSourceError.
    """
    image, dpi = source.image(number)
    small = reduced(image)
    sheet = find_sheet(image)
    blank = sheet is None and is_blank(small)
    wordless = blank or (sheet is not None and sheet.is_certain)
    lines = None if turn or wordless else source.lines(number)
    if turn is None:
        turn = 0 if wordless or _stand_upright(lines) else clockwise_turn(small)
    image, small = turned(image, turn), turned(small, turn)
    lines = None if turn else lines
    text = PageText(image.shape[1], image.shape[0], (), engine.name) if blank else _read(image, dpi, lines, engine)
    findings = () if wordless else judge(image, dpi, text)
    print_of_page = "" if wordless else fingerprint(small, text)
    colour = None if wordless or text.engine == BORN_DIGITAL else colour_mode(image)
    numbers = printed_numbers(text)
    return PageResult(text, turn, thumbnail(small), dpi, blank, sheet, findings, print_of_page, colour, numbers)


def read_page(path: Path, number: int, name: str, engine_name: str = "") -> PageResult:
    """Reads page `number` (from 1) of the file at `path`, called `name` by its sender.

    Raises UnreadableSourceError or EngineUnavailableError.
    """
    engine = engine_named(engine_name)
    with open_source(path, name) as source:
        return process_page(source, number, engine)


@cache
def engine_named(name: str) -> OcrEngine:
    """The engine of this name, "" for the best one that works here; opened once a process.

    Raises EngineUnavailableError.
    """
    return open_engine(name) if name else default_engine()


def _stand_upright(lines: tuple[Line, ...] | None) -> bool:
    """Whether the lines that the file itself gives run to the right for the greater part."""
    ways = [(line.quad[1][0] - line.quad[0][0], line.quad[1][1] - line.quad[0][1]) for line in lines or ()]
    return sum(across > abs(down) for across, down in ways) * 2 > len(ways)


def _read(image: NDArray[np.uint8], dpi: int, lines: tuple[Line, ...] | None, engine: OcrEngine) -> PageText:
    """What the file itself says stands there (`lines`) and what the engine reads besides; or else what it reads."""
    tall, wide = image.shape[:2]
    without, seals = without_seals(image)
    if lines is not None:
        besides = _without_lines(without, lines)
        more = () if is_blank(reduced(besides)) else engine.recognise(besides, dpi=dpi)
        return PageText(wide, tall, lines + more, BORN_DIGITAL, seals)
    read = read_under_seals(image, engine.recognise(without, dpi=dpi), seals, engine, dpi=dpi)
    return PageText(wide, tall, read, engine.name, seals)


def _without_lines(image: NDArray[np.uint8], lines: tuple[Line, ...]) -> NDArray[np.uint8]:
    """The page with the places of these lines painted over: what is left, such as pictures of text, has to be read."""
    left = image.copy()
    for line in lines:
        cv2.fillPoly(left, [np.array(line.quad, np.int32)], (255, 255, 255))
    return left
