"""Lines from engines: blanks only between western words, an edge on both sides of each character, reading order."""

import numpy as np
import pytest

from ingest.engines.columns import with_gaps_read
from ingest.engines.doubts import doubted, mended, part_of
from ingest.engines.geometry import clockwise, in_reading_order, lying
from ingest.engines.lines import line_from_centres, line_from_words, without_inner_blanks
from ingest.engines.recogniser import Reading
from ingest.engines.script import Script, script_of
from ingest.engines.spelling import as_printed

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


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("关于开展档案数字化工作的通知", Script.SIMPLIFIED),
        ("關於開展檔案數字化工作的通知", Script.TRADITIONAL),
        ("Minutes of the council, 1970", Script.WESTERN),
        ("关于开展档案数字化的通知，兹附關於開展檔案數字化之來函", Script.MIXED),
        ("", Script.SIMPLIFIED),
    ],
)
def test_script(text: str, script: Script) -> None:
    """The script of a page is told from its characters."""
    assert script_of(text) is script


@pytest.mark.parametrize(
    ("read", "script", "printed"),
    [
        ("啓用產品內册", Script.SIMPLIFIED, "启用产品内册"),
        ("啓用产品内册", Script.TRADITIONAL, "啟用產品內冊"),
        ("日期:二○二四年", Script.SIMPLIFIED, "日期：二〇二四年"),
        ("江海批[2019]15号", Script.SIMPLIFIED, "江海批〔2019〕15号"),
        ("-2一", Script.SIMPLIFIED, "—2—"),
        ("at 9:30 a.m.，in", Script.WESTERN, "at 9:30 a.m.,in"),
        ("单价(元)12,345.60", Script.SIMPLIFIED, "单价（元）12,345.60"),
    ],
)
def test_spelling(read: str, script: Script, printed: str) -> None:
    """Forms of characters are those of the page's script, marks have the width that a person would type."""
    assert as_printed(read, script) == printed


def test_confidence_grows_with_the_chances() -> None:
    """A line is the surer the surer its characters are, and an empty one is not sure at all."""
    sure = [Reading("档案", (0.3, 0.6), (chance, chance)).confidence for chance in (0.1, 0.5, 0.9, 0.99, 1.0)]
    assert sure == sorted(sure)
    assert 0 < sure[0] < sure[-1] < 1
    assert Reading("", (), ()).confidence == 0


def test_gaps_in_a_column_are_read() -> None:
    """A mark between two characters that stand far apart is put in its place."""
    column = lying(_box(100, 0, 20, 100))
    page = np.full((200, 200, 3), 255, np.uint8)
    for middle in (10, 30, 50, 70, 90):
        page[middle - 2 : middle + 2, 108:112] = 0
    reading = Reading("甲乙丙丁", (0.1, 0.3, 0.7, 0.9), (0.9,) * 4)
    found = with_gaps_read(reading, page, column, lambda _cell: Reading(",", (0.5,), (0.6,)))
    assert found.text == "甲乙，丙丁"
    assert found.centres == pytest.approx((0.1, 0.3, 0.5, 0.7, 0.9))


def test_corners_of_a_leaning_column() -> None:
    """A long column that leans by more than its width still begins at its top left corner."""
    corners = np.array([[1798, 3098], [1888, 435], [1977, 438], [1886, 3101]], np.float32)
    assert clockwise(corners).tolist() == [[1888, 435], [1977, 438], [1886, 3101], [1798, 3098]]


def test_boxes_of_one_column_stand_together() -> None:
    """A column that was found in two pieces is read to its end before the next."""
    boxes = [lying(_box(100, 50, 20, 400)), lying(_box(200, 300, 20, 150)), lying(_box(201, 50, 20, 200))]
    assert in_reading_order(["c", "b", "a"], boxes) == ["a", "b", "c"]


def _evenly(text: str, chances: dict[int, float]) -> Reading:
    centres = tuple((n + 0.5) / len(text) for n in range(len(text)))
    return Reading(text, centres, tuple(chances.get(n, 0.99) for n in range(len(text))))


def test_only_the_doubtful_stretch_is_read_again() -> None:
    """A doubtful character is read again between two believed neighbours, and all others keep their places."""
    reading = _evenly("本会决定于六月召开", {4: 0.5})
    (stretch,) = doubted(reading, 0.8)
    assert part_of(reading, stretch).text == "决定于六月"
    better = mended(reading, stretch, _evenly("决定千六月", {}))
    assert better is not None
    assert better.text == "本会决定千六月召开"
    assert better.centres == pytest.approx(reading.centres)
    assert mended(reading, stretch, _evenly("决定于七月", {})) is None


def test_a_gap_is_doubtful() -> None:
    """Where a character was passed over, and in whole western words, a stretch is read again."""
    whole = _evenly("比赛罢赛斗殴的取消", {})
    gap = Reading(whole.text.replace("殴", ""), whole.centres[:5] + whole.centres[6:], whole.chances[1:])
    (stretch,) = doubted(gap, 0.8)
    assert (stretch.doubtful, stretch.sure) == (4, 6)
    (word,) = doubted(_evenly("the certficate of", {8: 0.3}), 0.8)
    assert part_of(_evenly("the certficate of", {}), word).text == "certficate"
    assert not doubted(whole, 0.8)
