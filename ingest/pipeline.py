"""From a scanned page to its text: open, judge, turn upright, read, and keep a small picture."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.context import PageResult, PageText
from ingest.engines import default_engine, open_engine
from ingest.engines.interface import OcrEngine
from ingest.sources import Source, open_source
from ingest.steps.blank import is_blank
from ingest.steps.orientation import clockwise_turn, turned
from ingest.steps.seals import without_seals
from ingest.steps.thumbnail import thumbnail

__all__ = ["process_page", "read_page"]


def process_page(source: Source, number: int, engine: OcrEngine) -> PageResult:
    """Reads page `number` (from 1) of an opened source. An empty page has no text. Raises UnreadableSourceError."""
    image, dpi = source.image(number)
    blank = is_blank(image)
    rotation = 0 if blank else clockwise_turn(image)
    image = turned(image, rotation)
    text = _read(image, dpi, blank, engine)
    return PageResult(text, rotation, thumbnail(image), dpi, blank)


def read_page(path: Path, number: int, name: str, engine_name: str = "") -> PageResult:
    """Reads page `number` (from 1) of the file at `path`, called `name` by its sender; for worker processes.

    The engine is opened once a process; "" stands for the best one that works here. Raises UnreadableSourceError or
    EngineUnavailableError.
    """
    engine = _engine(engine_name)
    with open_source(path, name) as source:
        return process_page(source, number, engine)


@cache
def _engine(name: str) -> OcrEngine:
    return open_engine(name) if name else default_engine()


def _read(image: NDArray[np.uint8], dpi: int, blank: bool, engine: OcrEngine) -> PageText:
    tall, wide = image.shape[:2]
    lines = () if blank else engine.recognise(without_seals(image), dpi=dpi)
    return PageText(wide, tall, lines, engine.name)
