"""Whether the boxes of characters lie where the characters are."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from bench.figures import Figure
from bench.ingest.setting import Setting
from ingest.context import Line, PageText

__all__ = ["figures"]

Points = NDArray[np.float64]


def figures(setting: Setting) -> Iterator[Figure]:
    """The share of rightly read characters whose proposed centre lies inside the true cell."""
    ours = _share(setting, setting.texts("ppocr"))
    peer = _share(setting, setting.texts("tesseract"))
    yield Figure(
        "centres inside the true character cell", f"{ours:.1%}", f"tesseract {peer:.1%}", ours / peer, ">= 97 %"
    )


def _share(setting: Setting, texts: Sequence[PageText]) -> float:
    inside = total = 0
    for page, text in zip(setting.pages, texts, strict=False):
        if page.kind != "vertical":
            hits = _hits(page.truth, text)
            inside, total = inside + sum(hits), total + len(hits)
    return inside / max(1, total)


def _hits(truth: PageText, read: PageText) -> list[bool]:
    """For each character that was rightly read, whether its centre lies in its cell."""
    true_text, true_cells = _characters(truth)
    read_text, read_cells = _characters(read)
    blocks = Levenshtein.opcodes(true_text, read_text)
    pairs = [
        (block.src_start + n, block.dest_start + n)
        for block in blocks
        if block.tag == "equal"
        for n in range(block.src_end - block.src_start)
    ]
    return [_holds(true_cells[m], read_cells[n].mean(axis=0)) for m, n in pairs]


def _characters(page: PageText) -> tuple[str, list[Points]]:
    """The characters of a page without blanks, and the four corners of each."""
    found = [(char, _cell(line, n)) for line in page.lines for n, char in enumerate(line.text) if not char.isspace()]
    return "".join(char for char, _ in found), [cell for _, cell in found]


def _cell(line: Line, n: int) -> Points:
    start, end, end_below, start_below = np.array(line.quad, float)
    left, right = line.edges[n], line.edges[n + 1]
    above, below = end - start, end_below - start_below
    return np.array(
        [start + above * left, start + above * right, start_below + below * right, start_below + below * left]
    )


def _holds(cell: Points, point: Points) -> bool:
    """Whether the point lies in the convex cell, whose corners run clockwise."""
    sides = np.roll(cell, -1, axis=0) - cell
    offsets = point - cell
    return bool((sides[:, 0] * offsets[:, 1] - sides[:, 1] * offsets[:, 0] >= 0).all())
