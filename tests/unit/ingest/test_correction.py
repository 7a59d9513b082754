"""Corrected text stands in the places of what was read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.context import Line, PageText
from ingest.correction import NewLine, correct_line, correct_page, turn_text

_QUAD = ((10.0, 10.0), (110.0, 10.0), (110.0, 30.0), (10.0, 30.0))
_WORDS = st.text("天地玄黄宇宙洪荒ab1 ", min_size=0, max_size=12)


def _line(text: str) -> Line:
    return Line(text, _QUAD, tuple(round(n / max(1, len(text)), 5) for n in range(len(text) + 1)), 0.7)


@given(_WORDS, _WORDS)
def test_edges_fit_the_text(before: str, after: str) -> None:
    """Whatever is written instead of whatever: one edge more than characters, ascending, within the line."""
    line = correct_line(_line(before), after)
    assert line.text == after
    assert len(line.edges) == len(after) + 1
    assert list(line.edges) == sorted(line.edges)
    assert all(0 <= edge <= 1 for edge in line.edges)
    assert line.quad == _QUAD


@pytest.mark.parametrize(
    ("before", "after"),
    [("档案馆里", "档索馆里"), ("档案馆", "档案管理馆"), ("一二四", "一二三四"), ("一二三四", "一二四")],
)
def test_what_was_right_keeps_its_place(before: str, after: str) -> None:
    """Characters that were read rightly stay where they are, to the last one."""
    line, new = _line(before), correct_line(_line(before), after)
    for at, character in enumerate(after):
        was = before.find(character)
        if was > 0 and after[at - 1] == before[was - 1]:
            assert new.edges[at] in line.edges
    assert (new.edges[0], new.edges[-1]) == (line.edges[0], line.edges[-1])


def test_lines_are_written_anew_dropped_and_added() -> None:
    """A line that was missed gets the place a person gives it; one that is no text goes."""
    page = PageText(200, 300, (_line("关于工怍的报告"), _line("|||")), "machine")
    new = correct_page(page, [NewLine("关于工作的报告", 0), NewLine("此复。", box=(20, 200, 80, 220))])
    assert new.text == "关于工作的报告\n此复。"
    assert new.lines[0].edges == page.lines[0].edges
    assert list(new.lines[1].quad[0]) == [20, 200]
    with pytest.raises(IndexError):
        correct_page(page, [NewLine("一", 2)])
    with pytest.raises(ValueError, match="place"):
        correct_page(page, [NewLine("一")])
    with pytest.raises(ValueError, match="place"):
        correct_page(page, [NewLine("一", box=(150, 0, 250, 20))])


def test_text_turns_with_its_page() -> None:
    """Four quarters bring every place back; one brings the top left corner to the top right."""
    page = PageText(200, 300, (_line("一"),), "machine", ((0.0, 0.0, 50.0, 60.0),))
    quarter = turn_text(page, 90)
    assert (quarter.width, quarter.height) == (300, 200)
    assert list(quarter.lines[0].quad[0]) == [290, 10]
    assert quarter.seals == ((240.0, 0.0, 300.0, 50.0),)
    assert turn_text(quarter, 270) == page
