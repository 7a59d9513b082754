"""Searchable PDF files of the judged pages, judged by veraPDF."""

from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure
from bench.ingest.setting import Setting
from bench.pages import JudgedPage
from ingest.derivatives.searchable_pdf import PdfPage, searchable_pdf
from ingest.sources import open_source
from tests.servers.verapdf import broken_rules

__all__ = ["figures"]


def figures(setting: Setting) -> Iterator[Figure]:
    """One file a page."""
    folder = setting.folder / "pdf"
    folder.mkdir()
    made = [_made(path, page, folder) for page, path in zip(setting.pages, setting.paths, strict=True)]
    broken = {path: rules for path, rules in broken_rules(made).items() if rules}
    said = "; ".join(sorted({rule[:60] for rules in broken.values() for rule in rules}))
    yield Figure("PDF/A-2b by veraPDF", f"{len(made) - len(broken)} of {len(made)} valid", said, None, "all")


def _made(path: Path, page: JudgedPage, folder: Path) -> Path:
    made = folder / f"{path.stem}.pdf"
    with open_source(path, path.name) as source, made.open("wb") as out:
        searchable_pdf([PdfPage(source, 1, 0, page.truth, page.dpi)], out, path.stem)
    return made
