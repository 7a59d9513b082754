"""The peer of recognition: the program tesseract as its makers ship it, one thread a page, two pages at once."""

from collections.abc import Sequence
from pathlib import Path

from bench.ingest.costs import Cost, run
from bench.ingest.setting import PROCESSES
from bench.pages import JudgedPage
from tests.servers.process import program

__all__ = ["cost", "languages", "texts"]

#: tesseract is told what we are not: the language of each page, and whether it is vertical
LANGUAGES = {"simplified": "chi_sim", "traditional": "chi_tra", "english": "eng", "mixed": "chi_sim+eng"}
VERTICAL = "chi_tra_vert --psm 5"
ONE_THREAD = {"OMP_THREAD_LIMIT": "1"}


def languages(page: JudgedPage) -> str:
    """Arguments that name the language of a page."""
    return VERTICAL if page.kind == "vertical" else LANGUAGES[page.script]


def cost(pages: Sequence[JudgedPage], paths: Sequence[Path], folder: Path) -> Cost:
    """What reading these pages costs; the texts lie in the folder afterwards."""
    tesseract = program("tesseract")
    folder.mkdir(exist_ok=True)
    commands = folder / "commands"
    lines = [
        f"{tesseract} {path} {folder / path.stem} -l {languages(page)} --dpi {page.dpi}"
        for page, path in zip(pages, paths, strict=True)
    ]
    commands.write_text("\n".join(lines) + "\n")
    at_once: list[str | Path] = ["xargs", "-a", commands, "-P", str(PROCESSES), "-d", "\n", "-I", "{}"]
    return run([*at_once, "sh", "-c", "{} 2>/dev/null"], environment=ONE_THREAD, log=folder / "log")


def texts(paths: Sequence[Path], folder: Path) -> list[str]:
    """What it read."""
    return [(folder / f"{path.stem}.txt").read_text("utf-8") for path in paths]
