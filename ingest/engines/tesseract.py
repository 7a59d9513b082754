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
from ingest.engines.script import Script, script_of
from ingest.errors import EngineUnavailableError

__all__ = ["TesseractEngine"]

#: languages that are asked for where they are installed, best first
LANGUAGES = ("chi_sim", "chi_tra", "eng")
#: what a page of each script is read with, as far as it is installed
BY_SCRIPT = {
    Script.SIMPLIFIED: ("chi_sim",),
    Script.TRADITIONAL: ("chi_tra",),
    Script.WESTERN: ("eng",),
    Script.MIXED: LANGUAGES,
}
#: columns from the right are read with these
VERTICAL = ("chi_tra_vert", "chi_sim_vert")
#: the script is told from a band of the page this high, read at this scale
BAND, SCALE = 0.25, 0.6
#: darker pixels of an evenly lit page are ink
INK = 128
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
        self.name = f"tesseract-{version}-{'+'.join(languages)}/2"
        self._languages = languages
        self._vertical = "+".join(language for language in VERTICAL if language in installed)

    def recognise(self, image: NDArray[np.uint8], *, dpi: int) -> tuple[Line, ...]:
        """See OcrEngine; the boxes are upright, also on a skewed page."""
        grey = evenly_lit(image)
        vertical = self._vertical if columns_stand(grey) else ""
        with _one_thread():
            found = pytesseract.image_to_data(
                grey,
                lang=vertical or self._languages_of(grey),
                config=f"--psm {5 if vertical else 3} --dpi {dpi or USUAL_DPI}",
                output_type=pytesseract.Output.DICT,
            )
        lines = [line_from_words(words, column=bool(vertical)) for words in _words_by_line(found)]
        return tuple(line for line in lines if line.text and line.confidence >= NOISE)

    def _languages_of(self, grey: NDArray[np.uint8]) -> str:
        """What the page is read with, by the script of its fullest band."""
        band = cv2.resize(_fullest_band(grey), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)
        text = pytesseract.image_to_string(band, lang="+".join(self._languages), config="--psm 6")
        wanted = [language for language in BY_SCRIPT[script_of(text)] if language in self._languages]
        return "+".join(wanted or self._languages)


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


def columns_stand(grey: NDArray[np.uint8]) -> bool:
    """Whether an evenly lit page is written in columns: then ink-free stripes run down it, not across."""
    ink = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA) < INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return False
    page = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _free(page.mean(axis=0)) > _free(page.mean(axis=1))


def _free(profile: NDArray[np.float64]) -> float:
    """The share of a page's rows, or columns of pixels, with hardly any ink."""
    return float((profile < profile.mean() / 10).mean())


def _fullest_band(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ink = np.cumsum((grey < INK).sum(axis=1))
    tall = int(len(ink) * BAND)
    top = int(np.argmax(ink[tall:] - ink[:-tall]))
    return grey[top : top + tall]


def _words_by_line(found: Mapping[str, list[Any]]) -> list[list[tuple[str, tuple[int, int, int, int], float]]]:
    """Words as (text, (left, top, width, height), confidence 0..1), grouped as tesseract grouped them."""
    lines: dict[tuple[int, int, int], list[tuple[str, tuple[int, int, int, int], float]]] = {}
    for n, text in enumerate(found["text"]):
        if text.strip():
            key = (found["block_num"][n], found["par_num"][n], found["line_num"][n])
            box = (found["left"][n], found["top"][n], found["width"][n], found["height"][n])
            lines.setdefault(key, []).append((text.strip(), box, max(0.0, float(found["conf"][n])) / 100))
    return list(lines.values())
