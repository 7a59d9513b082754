"""Lines from engines: blanks only between western words, an edge on both sides of each character, reading order."""

import numpy as np
import pytest

from ingest.engines.geometry import in_reading_order, lying
from ingest.engines.lines import line_from_centres, line_from_words, without_inner_blanks
from ingest.engines.recogniser import Reading
from ingest.engines.script import Script

BOX = np.array([[0, 0], [100, 0], [100, 10], [0, 10]], np.float32)


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        ("档 案 收 集", "档案收集"),
        ("共 12 件", "共12件"),
        ("the agreed tolerance", "the agreed tolerance"),
        ("two  blanks", "two blanks"),
        (" edges ", "edges"),
        ("组　长：陈海生", "组长：陈海生"),
        ("甲方 Jianghai Group 乙方", "甲方Jianghai Group乙方"),
        ("   ", ""),
    ],
)
def test_blanks(read: str, kept: str) -> None:
    """Blanks stay between western words, one at a time."""
    assert "".join(read[n] for n in without_inner_blanks(read)) == kept


def test_edges_lie_between_centres() -> None:
    """Characters are bounded half-way to their neighbours, also where a blank between them went."""
    line = line_from_centres(Reading("档 案", (0.2, 0.4, 0.6), (0.9, 0.9, 0.9)), BOX, Script.SIMPLIFIED)
    assert line.text == "档案"
    assert line.edges == (0.0, 0.4, 0.8)


def test_words_share_their_boxes() -> None:
    """Characters of a word share its width; the line spans all words."""
    line = line_from_words([("ab", (10, 5, 20, 8), 1.0), ("cd", (40, 4, 20, 10), 0.5)])
    assert line.text == "ab cd"
    assert line.quad == ((10.0, 4.0), (60.0, 4.0), (60.0, 14.0), (10.0, 14.0))
    assert line.edges == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert line.confidence == 0.75


def _box(left: float, top: float, width: float, height: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def test_rows_are_read_from_the_left() -> None:
    """Cells of a table come row by row, also where the page is skewed a little."""
    boxes = [_box(300, 107, 80, 20), _box(10, 100, 80, 20), _box(10, 140, 80, 20), _box(300, 147, 80, 20)]
    assert in_reading_order(["b", "a", "c", "d"], boxes) == ["a", "b", "c", "d"]


def test_columns_are_read_from_the_right() -> None:
    """Vertical text comes column by column, each turned so that it starts at its top."""
    boxes = [lying(_box(100, 50, 20, 400)), lying(_box(200, 50, 20, 400)), lying(_box(150, 50, 20, 400))]
    assert in_reading_order(["c", "a", "b"], boxes) == ["a", "b", "c"]
    assert boxes[0][0].tolist() == [120, 50]
    assert boxes[0][1].tolist() == [120, 450]
