"""Lays the recognised lines invisibly over the picture: each line is one run, so that it copies without blanks."""

import math

from ingest.context import Line, PageText
from ingest.derivatives.glyphless import GlyphlessFont

__all__ = ["text_layer"]

#: characters fill this share of a line's box, and stand this share above its lower edge
SIZE, RAISED = 0.8, 0.2


def text_layer(page: PageText, scale: float, font: GlyphlessFont) -> str:
    """PDF drawing commands for the text of a page whose pixels are `scale` points wide; font resource /F."""
    runs = [_run(line, page.height, scale, font) for line in page.lines if line.text]
    return "\n".join(("BT", "3 Tr", *runs, "ET")) if runs else ""


def _run(line: Line, page_height: int, scale: float, font: GlyphlessFont) -> str:
    """One line: its matrix follows the box, also on skewed pages and down a column."""
    (x0, y0), (x1, y1), _, (x3, y3) = line.quad
    across, down = (x1 - x0, y1 - y0), (x3 - x0, y3 - y0)
    length, height = math.hypot(*across) or 1.0, math.hypot(*down) or 1.0
    first, last = line.edges[0], line.edges[-1]
    x = x0 + first * across[0] + (1 - RAISED) * down[0]
    y = y0 + first * across[1] + (1 - RAISED) * down[1]
    cosine, sine = across[0] / length, -across[1] / length
    size = height * SIZE * scale
    stretch = 100_000 * (last - first) * length * scale / (font.width(line.text) * size)
    matrix = f"{cosine:.5f} {sine:.5f} {-sine:.5f} {cosine:.5f} {x * scale:.2f} {(page_height - y) * scale:.2f}"
    return f"/F {size:.2f} Tf {max(stretch, 1):.2f} Tz {matrix} Tm {font.encode(line.text)} Tj"
