"""Finds out how finely a page was scanned, where its file does not say."""

from ingest.context import PageText
from ingest.steps.skew import box_height

__all__ = ["estimated_dpi", "is_credible"]

MM = 25.4
#: long side of A4 in inches; no office scanner takes sheets longer than the second
A4, LONGEST_SHEET = 11.69, 24.0
#: boxes of lines of office documents are about so tall; print half or twice as large is still usual
USUAL_LINE_MM, USUAL = 6.0, 2.2
#: fewer lines tell nothing of the sheet's size
LINES = 3


def is_credible(dpi: int, wide: int, tall: int) -> bool:
    """Whether a page of so many pixels can have been scanned so. Cameras claim 72 dpi, and sheets of a metre."""
    return dpi > 0 and max(wide, tall) / dpi <= LONGEST_SHEET


def estimated_dpi(text: PageText) -> float:
    """Dots per inch as if the page were A4, unless its lines are far too large or small for that."""
    by_sheet = max(text.width, text.height) / A4
    if len(text.lines) < LINES:
        return by_sheet
    by_lines = box_height(text) * MM / USUAL_LINE_MM
    return by_sheet if 1 / USUAL < by_lines / by_sheet < USUAL else by_lines
