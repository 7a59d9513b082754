"""What every recognition engine promises, as a test class: subclass it with an `engine` fixture of scope class."""

import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.context import Line
from ingest.engines.interface import OcrEngine
from ingest.sources import open_source

__all__ = ["SAMPLES", "OcrEngineContract", "character_errors", "sample_documents"]

SAMPLES = Path(__file__).parent.parent / "samples"
BLANK_AT_HAN = re.compile("[\u4e00-\u9fff] | [\u4e00-\u9fff]")
WHITE, BLACK = 255, 0
#: two pages that are read once for all promises: simplified Chinese and English
CHINESE, ENGLISH = "2021-bgs-checklist-notice.pdf", "2020-sjb-inspection-letter.jpg"


def sample_documents() -> list[dict[str, Any]]:
    """What samples.json knows of each sample: its fields, and the text of its pages."""
    documents: list[dict[str, Any]] = json.loads((SAMPLES / "samples.json").read_text("utf-8"))["documents"]
    return documents


def character_errors(truth: str, read: str) -> float:
    """Edits between the texts without blanks, as a share of the characters of the truth."""
    expected, found = "".join(truth.split()), "".join(read.split())
    row = list(range(len(found) + 1))
    for n, wanted in enumerate(expected, 1):
        before, row = row, [n]
        for m, char in enumerate(found, 1):
            row.append(min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (wanted != char)))
    return row[-1] / max(1, len(expected))


@cache
def _lines(engine: OcrEngine, file: str) -> tuple[Line, ...]:
    with open_source(SAMPLES / file, file) as source:
        image, dpi = source.image(1)
    return engine.recognise(image, dpi=dpi)


@cache
def _truth(file: str) -> str:
    return str(next(sample["pages"][0] for sample in sample_documents() if sample["file"] == file))


class OcrEngineContract:
    """Promises of every engine that reads. `most_errors`: the share of wrong characters that it may make."""

    most_errors = 0.02

    @pytest.mark.parametrize("file", [CHINESE, ENGLISH])
    def test_reads(self, engine: OcrEngine, file: str) -> None:
        """A clean page is read with fewer errors than the bound, in reading order."""
        read = "\n".join(line.text for line in _lines(engine, file))
        assert character_errors(_truth(file), read) <= self.most_errors

    @pytest.mark.parametrize("file", [CHINESE, ENGLISH])
    def test_bounds_every_character(self, engine: OcrEngine, file: str) -> None:
        """Each character of each line lies between two ascending edges from 0 to 1."""
        for line in _lines(engine, file):
            assert len(line.edges) == len(line.text) + 1
            assert all(0 <= a <= b <= 1 for a, b in pairwise(line.edges))

    def test_keeps_boxes_on_the_page(self, engine: OcrEngine) -> None:
        """Boxes have four corners on the page, or a hair beside it, and the line runs from the first to the second."""
        for line in _lines(engine, ENGLISH):
            (x0, _), (x1, _), _, _ = line.quad
            assert x0 < x1
            assert all(-20 <= x <= 1673 and -20 <= y <= 2358 for x, y in line.quad)

    def test_is_sure_between_0_and_1(self, engine: OcrEngine) -> None:
        """Confidence is a share."""
        assert all(0 <= line.confidence <= 1 for line in _lines(engine, CHINESE))

    def test_puts_no_blanks_between_han(self, engine: OcrEngine) -> None:
        """Chinese text is continuous: no blank stands beside a Han character."""
        assert not [line.text for line in _lines(engine, CHINESE) if BLANK_AT_HAN.search(line.text)]

    def test_keeps_blanks_between_words(self, engine: OcrEngine) -> None:
        """English words stay apart."""
        read = " ".join(line.text for line in _lines(engine, ENGLISH))
        assert "within the agreed tolerance" in read

    @pytest.mark.parametrize("shade", [WHITE, BLACK])
    def test_invents_nothing(self, engine: OcrEngine, shade: int) -> None:
        """A page of one shade has no text."""
        assert engine.recognise(np.full((1200, 900, 3), shade, np.uint8), dpi=200) == ()

    def test_reads_the_same_twice(self, engine: OcrEngine) -> None:
        """The same image gives the same lines."""
        with open_source(SAMPLES / ENGLISH, ENGLISH) as source:
            image, dpi = source.image(1)
        part = np.ascontiguousarray(image[200:700])
        assert engine.recognise(part, dpi=dpi) == engine.recognise(part, dpi=dpi)

    def test_has_a_name(self, engine: OcrEngine) -> None:
        """The name tells the version, so that texts can be told apart later."""
        assert "/" in engine.name
