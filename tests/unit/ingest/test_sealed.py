"""What stands under seals is read twice, and the better reading of each line stays."""

import numpy as np
from numpy.typing import NDArray

from ingest.context import Line
from ingest.engines.interface import OcrEngine
from ingest.steps.sealed import read_under_seals

PAGE = np.full((1000, 800, 3), 255, np.uint8)
SEAL = (400.0, 600.0, 600.0, 800.0)


class Reader(OcrEngine):
    """Reads these lines, which lie where they would on the page, on whatever it is given."""

    name = "fixed/1"

    def __init__(self, *lines: Line) -> None:
        self.lines = lines
        self.asked = 0

    def recognise(self, image: NDArray[np.uint8], *, dpi: int) -> tuple[Line, ...]:
        """See OcrEngine."""
        self.asked += 1
        tall, wide = image.shape[:2]
        assert (tall, wide) == (224, 400)  # the seal, and half its width on either side
        return tuple(
            _at(line.text, line.quad[0][0] - 300, line.quad[0][1] - 588, line.confidence) for line in self.lines
        )


def _at(text: str, left: float, top: float, confidence: float) -> Line:
    right, bottom = left + 20 * len(text), top + 24
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Line(text, quad, tuple(n / len(text) for n in range(len(text) + 1)), confidence)


def _texts(engine: Reader, *lines: Line) -> list[str]:
    return [line.text for line in read_under_seals(PAGE, lines, [SEAL], engine, dpi=200)]


def test_the_better_reading_stays() -> None:
    """A date that was read badly is replaced; a name that was read better the first time is not; the order holds."""
    name, lost = _at("江海市档案局", 400, 640, 0.8), _at("201227427", 410, 700, 0.72)
    engine = Reader(_at("江海", 400, 640, 0.9), _at("2012年7月27日", 405, 700, 0.96))
    above = _at("特此通知。", 100, 100, 0.99)
    assert _texts(engine, above, name, lost) == ["特此通知。", "江海市档案局", "2012年7月27日"]


def test_two_readings_that_differ_are_not_sure() -> None:
    """What was read otherwise before is not as sure as the engine is of it; what was read alike is."""
    for first, sure in (("2072年7月27日", 0.97), ("2012年7月27日", 1.0)):
        engine = Reader(_at("2012年7月27日", 405, 700, 1.0))
        (line,) = read_under_seals(PAGE, (_at(first, 405, 700, 0.8),), [SEAL], engine, dpi=200)
        assert (line.text, line.confidence) == ("2012年7月27日", sure)


def test_pieces_become_one_line() -> None:
    """What was read in pieces is replaced by the whole, once."""
    engine = Reader(_at("江海市档案局办公室", 400, 640, 0.97))
    assert _texts(engine, _at("江海", 400, 640, 0.9), _at("局", 540, 642, 0.7)) == ["江海市档案局办公室"]


def test_what_was_lost_is_found() -> None:
    """A line of which nothing was left comes back; single characters, as the words of a seal are, do not."""
    engine = Reader(_at("2012年7月27日", 405, 700, 0.96), _at("海", 450, 620, 0.99))
    assert _texts(engine) == ["2012年7月27日"]


def test_sure_lines_are_read_once() -> None:
    """Where all lines under a seal are sure nothing is read again, and nowhere without seals."""
    engine = Reader()
    sure = _at("2012年7月27日", 405, 700, 0.99)
    assert _texts(engine, sure) == ["2012年7月27日"]
    assert read_under_seals(PAGE, (sure,), [], engine, dpi=200) == (sure,)
    assert engine.asked == 0
