"""Further scans, one line a page: what came of it. Nothing is known of them, so nothing is judged."""

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
FEW = 3


def figures(setting: Setting) -> Iterator[Figure]:
    """Nothing where no scans were named."""
    for path in setting.scans:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                yield from _pages(setting, file)


def _pages(setting: Setting, file: Path) -> Iterator[Figure]:
    try:
        with open_source(file, file.name) as source:
            count = source.page_count
    except UnreadableSourceError as error:
        yield Figure(file.name, "refused", str(error), None, "")
        return
    numbers = range(1, 1 + (min(count, FEW) if setting.quick else count))
    for number, outcome in zip(numbers, setting.pool.map(_outcome, [file] * len(numbers), numbers), strict=True):
        yield Figure(f"{file.name}, page {number} of {count}", *outcome, None, "")


def _outcome(file: Path, number: int) -> tuple[str, str]:
    """What was read, and how."""
    try:
        return _said(read_page(file, number, file.name))
    except UnreadableSourceError as error:
        return "set aside", str(error)


def _said(result: PageResult) -> tuple[str, str]:
    if result.blank:
        return "blank", ""
    characters = sum(len(line.text) for line in result.text.lines)
    sure = sum(len(line.text) * line.confidence for line in result.text.lines) / max(1, characters)
    turned = f", turned by {result.rotation}" if result.rotation else ""
    return f"{characters} characters, sure {sure:.2f}", f"{result.text.engine}{turned}"
