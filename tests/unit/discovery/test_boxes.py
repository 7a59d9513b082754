"""Where hits stand on the image, and how they are marked in text."""

import pytest

from archive.discovery.boxes import boxes_of
from archive.discovery.marking import marked
from ingest.context import Line, PageText
from search.highlight import Span

_LEVEL = Line("安全生产", ((100, 50), (300, 50), (300, 90), (100, 90)), (0, 0.25, 0.5, 0.75, 1), 0.9)
_SLOPING = Line("月", ((100, 100), (140, 110), (138, 150), (98, 140)), (0, 1), 0.9)
_VERTICAL = Line("竖排", ((400, 100), (400, 300), (360, 300), (360, 100)), (0, 0.5, 1), 0.9)
_TEXT = PageText(1000, 1000, (_LEVEL, _SLOPING, _VERTICAL), "test")


def test_a_box_is_exact_to_the_character() -> None:
    """The box of two characters begins at the left edge of the first and ends at the right edge of the second."""
    assert boxes_of(_TEXT, 1, 3) == [[[150, 50], [250, 50], [250, 90], [150, 90]]]


def test_a_hit_over_a_line_end_has_a_box_on_each_line() -> None:
    """A word broken by a line end is marked in both lines; the line feed itself has no box."""
    assert boxes_of(_TEXT, 3, 6) == [[[250, 50], [300, 50], [300, 90], [250, 90]], [list(p) for p in _SLOPING.quad]]


def test_vertical_lines_are_cut_along_their_length() -> None:
    """In vertical text the characters follow one another downwards."""
    assert boxes_of(_TEXT, 8, 9) == [[[400, 200], [400, 300], [360, 300], [360, 200]]]


@pytest.mark.parametrize("start", [0, 2])
def test_marked_text_is_escaped(start: int) -> None:
    """Text from a record is text: what looks like markup in it is shown, not obeyed."""
    shown = marked("<b>安全</b>", [Span(start, start + 3)])
    assert "<b>" not in shown.replace("<mark>", "").replace("</mark>", "")
    assert str(marked("安全月", [Span(0, 2)])) == "<mark>安全</mark>月"
