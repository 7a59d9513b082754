"""Further scans, one line a file: what came of each page. Nothing is known of them, so nothing is judged."""

import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure
from bench.ingest.setting import Setting
from ingest.context import PageResult
from ingest.errors import UnreadableSourceError
from ingest.pipeline import read_page
from ingest.sources import open_source

__all__ = ["figures"]

#: quick runs look at so many pages of a file
FEW = 4


def figures(setting: Setting) -> Iterator[Figure]:
    """Nothing where no scans were named."""
    files = [file for path in setting.scans for file in sorted(path.rglob("*") if path.is_dir() else [path])]
    for file in files:
        if file.is_file():
            yield _figure(setting, file)


def _figure(setting: Setting, file: Path) -> Figure:
    try:
        with open_source(file, file.name) as source:
            count = source.page_count
    except UnreadableSourceError as error:
        return Figure(file.name, f"refused: {error}", "", None, "")
    numbers = range(1, 1 + (min(count, FEW) if setting.quick else count))
    start = time.perf_counter()
    outcomes = list(setting.pool.map(_outcome, [file] * len(numbers), numbers))
    seconds = time.perf_counter() - start
    said = f"{len(numbers)} of {count} pages, {len(numbers) / seconds * 60:.0f} pages/min"
    return Figure(file.name, said, "; ".join(outcomes), None, "")


def _outcome(file: Path, number: int) -> str:
    try:
        return _said(read_page(file, number, file.name))
    except UnreadableSourceError as error:
        return f"{number}: {error}"


def _said(result: PageResult) -> str:
    if result.blank:
        return "blank"
    characters = sum(len(line.text) for line in result.text.lines)
    sure = sum(len(line.text) * line.confidence for line in result.text.lines) / max(1, characters)
    turned = f", turned {result.rotation}" if result.rotation else ""
    return f"{characters} at {sure:.2f}{turned}"
