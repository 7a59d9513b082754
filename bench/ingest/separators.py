"""Separator sheets, printed and scanned as badly as pages are: found with what they say, and none where none is."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure
from bench.ingest.setting import Setting
from ingest.steps.separators import SheetCode, find_sheet
from tests.factories.worn_sheets import MODES, printed, scanned

__all__ = ["figures"]

RESOLUTIONS = (150, 200, 300)


def figures(setting: Setting) -> Iterator[Figure]:
    """Found at each resolution; then pages of documents that were taken for sheets."""
    each = 2 if setting.quick else 10
    for dpi in RESOLUTIONS:
        tasks = [(dpi, mode, seed) for seed in range(each) for mode in MODES]
        found = sum(setting.pool.map(_is_found, tasks))
        goal = "all" if dpi >= 200 else ""
        yield Figure(f"separators found, {dpi} dpi, worn", f"{found} of {len(tasks)}", "", None, goal)
    invented = sum(reading.result.sheet is not None for reading in setting.readings("ppocr"))
    yield Figure("pages taken for separators", f"{invented} of {len(setting.pages)}", "", None, "none")


def _is_found(task: tuple[int, str, int]) -> bool:
    dpi, mode, seed = task
    rng = np.random.default_rng([dpi, MODES.index(mode), seed])
    sheet = find_sheet(scanned(_printed(dpi), rng, dpi, mode))
    return sheet is not None and sheet.text == _code().text


@cache
def _printed(dpi: int) -> NDArray[np.uint8]:
    (sheet,) = printed([_code()], dpi)
    return sheet


def _code() -> SheetCode:
    return SheetCode("0a1b2c3d4e", 7, 40, "code", "Z109-WS-2021-Y-BGS-0012")
