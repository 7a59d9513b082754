"""The default engine: PP-OCRv6 on onnxruntime. Reads simplified, traditional and English; no system package."""

import re

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest import models
from ingest.context import Line
from ingest.engines.columns import with_gaps_read
from ingest.engines.detector import Detector
from ingest.engines.doubts import doubted, mended, part_of
from ingest.engines.geometry import Quad, height, in_reading_order, is_column, longer, lying, stretch_of, width
from ingest.engines.interface import OcrEngine
from ingest.engines.lines import line_from_centres
from ingest.engines.recogniser import FULL, LINE_HEIGHT, SQUEEZED, Reading, Recogniser, cut_line, full_width, shrink
from ingest.engines.script import script_of, traditional_only

__all__ = ["PpOcrEngine"]

#: the quick recogniser is believed in characters of such a chance, but not in lines with traditional ones: it knows few
QUICK_ENOUGH = 0.8
#: if it is not sure of more of a line, all of it is read thoroughly
MOST = 0.6
#: so many long lines tell whether a page is traditional, from so many characters on
PROBES, TRADITIONAL = 4, 3
#: what would be so wide in pixels is read at full width at once: it costs little
SHORT = 128
#: a line of less mean chance, or with a character of less, is read again at full width, and the better reading stays
DOUBTFUL, WEAK = 0.9, 0.6
#: lines of less confidence are stains, handwriting, pictures
NOISE = 0.25
#: doubtful lines shine through from the other side if their contrast, as a share of that of the page's sure ones, times
#: their mean chance is less; only page numbers are so little sure
PALE = 0.4
#: from so many sure lines the contrast of a page is known
SAMPLE = 12
#: a page number stands this far down, and its dashes may lie outside its box, by so many heights
FOOT, DASHES = 0.85, 1.6
NUMBER = re.compile(r"[-—–一]?\s?\d{1,4}\s?[-—–一]?")

#: an image, and a line's box in it
Place = tuple[NDArray[np.uint8], Quad]


class PpOcrEngine(OcrEngine):
    """Detects lines, reads them one by one, and sorts them. One thread; half a second of processor time a page.

    A quick recogniser goes first; one that knows all characters reads the stretches that the first is not sure of.
    """

    name = "ppocr-v6-int8/3"

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._detector = Detector(models.model_path(models.DETECTOR))
        self._quick = Recogniser(models.QUICK_RECOGNISER, models.QUICK_CHARACTERS)
        self._thorough = Recogniser(models.RECOGNISER, models.CHARACTERS)

    def recognise(self, image: NDArray[np.uint8], *, dpi: int) -> tuple[Line, ...]:  # noqa: ARG002  # any size will do
        """See OcrEngine."""
        quads = [lying(quad) for quad in self._detector.find(image)]
        places = fitted(image, quads)
        readings = [
            self._completed(reading, place) for reading, place in zip(self._read_all(places), places, strict=True)
        ]
        kept = [n for n in _written(readings, places) if readings[n].text.strip()]
        read = [self._with_dashes(image, readings[n], quads[n]) for n in kept]
        script = script_of("".join(reading.text for reading, _ in read))
        ordered = in_reading_order(read, [quad for _, quad in read])
        return tuple(line_from_centres(reading, quad, script) for reading, quad in ordered)

    def _completed(self, reading: Reading, place: Place) -> Reading:
        if not is_column(place[1]):
            return reading
        return with_gaps_read(reading, *place, lambda cell: self._thorough.read(place[0], cell, FULL))

    def _with_dashes(self, image: NDArray[np.uint8], reading: Reading, quad: Quad) -> tuple[Reading, Quad]:
        """A page number read again in a longer box if that brings its dashes to light."""
        if quad[0][1] < FOOT * image.shape[0] or not _is_number(reading) or is_column(quad):
            return reading, quad
        wider = longer(quad, DASHES * height(quad))
        again = self._quick.read(*_own_part(image, wider, height(wider)), FULL)
        return (again, wider) if _is_number(again) and len(again.text) > len(reading.text) else (reading, quad)

    def _read_all(self, places: list[Place]) -> list[Reading]:
        longest = sorted(range(len(places)), key=lambda n: -full_width(places[n][1]))
        quick = {n: self._quick.read(*places[n], SQUEEZED) for n in longest[:PROBES]}
        if sum(traditional_only(reading.text) for reading in quick.values()) >= TRADITIONAL:
            return [self._read(place) for place in places]
        quick |= {n: self._quick.read(*places[n], SQUEEZED) for n in longest[PROBES:]}
        return [self._checked(place, quick[n]) for n, place in enumerate(places)]

    def _checked(self, place: Place, quick: Reading) -> Reading:
        """The quick reading of a line, with what it is not sure of read thoroughly."""
        if not quick.text or traditional_only(quick.text):
            return self._read(place, quick)
        stretches = doubted(quick, QUICK_ENOUGH)
        if sum(stretch.end - stretch.start for stretch in stretches) > MOST:
            return self._read(place, quick)
        image, quad = place
        reading = quick
        for stretch in reversed(stretches):  # so the places of those before stay what they are
            part = (image, stretch_of(quad, stretch.start, stretch.end))
            better = mended(reading, stretch, self._read(part, part_of(quick, stretch)))
            if better is None:
                return self._read(place, quick)
            reading = better
        return reading

    def _read(self, place: Place, quick: Reading | None = None) -> Reading:
        if full_width(place[1]) <= SHORT:
            return self._thorough.read(*place, FULL)
        reading = self._thorough.read(*place, SQUEEZED)
        if not _is_doubtful(reading) or (quick is not None and quick.text == reading.text):
            return reading
        return max(reading, self._thorough.read(*place, FULL), key=lambda reading: reading.confidence)


def _is_doubtful(reading: Reading) -> bool:
    return reading.weakest < WEAK or _mean(reading) < DOUBTFUL


def _mean(reading: Reading) -> float:
    return sum(reading.chances) / max(1, len(reading.chances))


def _written(readings: list[Reading], places: list[Place]) -> list[int]:
    """Which readings are of print on this side of the sheet."""
    sure = [n for n, reading in enumerate(readings) if _mean(reading) >= DOUBTFUL]
    unsure = [n for n, reading in enumerate(readings) if _mean(reading) < DOUBTFUL and reading.confidence >= NOISE]
    if not sure or not unsure:
        return sorted(sure + unsure)
    pale = PALE * float(np.median([_contrast(places[n]) for n in sure[:: len(sure) // SAMPLE + 1]]))
    return sorted(
        sure + [n for n in unsure if _is_number(readings[n]) or _mean(readings[n]) * _contrast(places[n]) >= pale]
    )


def _is_number(reading: Reading) -> bool:
    return bool(NUMBER.fullmatch(reading.text))


def _contrast(place: Place) -> float:
    """Grey levels between paper and ink of a line."""
    dark, light = np.percentile(cut_line(*place, FULL)[:, :, 1], (3, 85))
    return float(light - dark)


def fitted(image: NDArray[np.uint8], quads: list[Quad]) -> list[Place]:
    """For each line the copy of the page it is best cut from, and its box there: large print is shrunk well first."""
    if not quads:
        return []
    sizes = [min(height(quad), width(quad)) for quad in quads]
    common, scale = shrink(image, float(np.median(sizes)))
    parts = []
    for quad, size in zip(quads, sizes, strict=True):
        if size * scale >= LINE_HEIGHT * 0.8 and size * scale <= LINE_HEIGHT * 2:
            parts.append((common, quad * np.float32(scale)))
        else:
            parts.append(_own_part(image, quad, size))
    return parts


def _own_part(image: NDArray[np.uint8], quad: Quad, size: float) -> Place:
    """The surroundings of one line whose size is unlike the others', shrunk for it alone."""
    x, y, wide, tall = cv2.boundingRect(quad)
    left, top = max(0, x - 8), max(0, y - 8)
    part, scale = shrink(image[top : max(y + tall + 8, top + 1), left : max(x + wide + 8, left + 1)], size)
    return part, (quad - np.array([left, top], np.float32)) * np.float32(scale)
