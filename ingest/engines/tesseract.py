"""The second engine: tesseract through pytesseract, for installations without the models and for cross-checks."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import pytesseract
from numpy.typing import NDArray

from ingest.context import Line
from ingest.engines.interface import OcrEngine
from ingest.engines.lines import line_from_words
from ingest.errors import EngineUnavailableError

__all__ = ["TesseractEngine"]

#: languages that are asked for where they are installed, best first
LANGUAGES = ("chi_sim", "chi_tra", "eng")
#: lines of less confidence are stains and pictures
NOISE = 0.2
#: tesseract guesses sizes badly when a scan does not say its resolution
USUAL_DPI = 300
THREADS = "OMP_THREAD_LIMIT"
HOW_TO_INSTALL = "apt-get install tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-chi-tra"


class TesseractEngine(OcrEngine):
    """Runs the `tesseract` program once a page, on an evenly lit grey copy of it."""

    def __init__(self) -> None:
        try:
            version, installed = pytesseract.get_tesseract_version(), pytesseract.get_languages()
        except pytesseract.TesseractNotFoundError as error:
            raise EngineUnavailableError(f"the program tesseract is not installed: {HOW_TO_INSTALL}") from error
        languages = [language for language in LANGUAGES if language in installed]
        if "chi_sim" not in languages and "chi_tra" not in languages:
            raise EngineUnavailableError(f"tesseract has no Chinese here: {HOW_TO_INSTALL}")
        self.name = f"tesseract-{version}-{'+'.join(languages)}/1"
        self._languages = "+".join(languages)

    def recognise(self, image: NDArray[np.uint8], *, dpi: int) -> tuple[Line, ...]:
        """See OcrEngine; the boxes are upright, also on a skewed page."""
        with _one_thread():
            found = pytesseract.image_to_data(
                evenly_lit(image),
                lang=self._languages,
                config=f"--psm 3 --dpi {dpi or USUAL_DPI}",
                output_type=pytesseract.Output.DICT,
            )
        lines = [line_from_words(words) for words in _words_by_line(found)]
        return tuple(line for line in lines if line.text and line.confidence >= NOISE)


@contextmanager
def _one_thread() -> Iterator[None]:
    """While tesseract starts: its OpenMP threads spin, and cost 3.5 times the processor time for nothing."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[THREADS]
        else:
            os.environ[THREADS] = before


def evenly_lit(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A grey copy divided by its own background and slightly softened: a third of tesseract's errors otherwise."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 31)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(cv2.divide(grey, paper, scale=255), (0, 0), 1.0)
    dark, light = np.percentile(soft[::4, ::4], [0.5, 60])
    stretched = (soft.astype(np.float32) - dark) * (255 / max(20.0, light - dark))
    return np.asarray(stretched.clip(0, 255), np.uint8)


def _words_by_line(found: Mapping[str, list[Any]]) -> list[list[tuple[str, tuple[int, int, int, int], float]]]:
    """Words as (text, (left, top, width, height), confidence 0..1), grouped as tesseract grouped them."""
    lines: dict[tuple[int, int, int], list[tuple[str, tuple[int, int, int, int], float]]] = {}
    for n, text in enumerate(found["text"]):
        if text.strip():
            key = (found["block_num"][n], found["par_num"][n], found["line_num"][n])
            box = (found["left"][n], found["top"][n], found["width"][n], found["height"][n])
            lines.setdefault(key, []).append((text.strip(), box, max(0.0, float(found["conf"][n])) / 100))
    return list(lines.values())
