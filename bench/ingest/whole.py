"""The whole way from a scan to a searchable archive, against OCRmyPDF, which makes the PDF/A alone."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from bench.figures import Figure
from bench.ingest.costs import Cost, in_turns, run
from bench.ingest.scoring import Errors, all_signs, errors_of, words_only
from bench.ingest.setting import PROCESSES, Setting
from tests.servers.process import program

__all__ = ["figures"]

ARCHIVE: list[str | Path] = [sys.executable, "-m", "archive.cli", "--data"]


def figures(setting: Setting) -> Iterator[Figure]:
    """Both take in simplified Chinese scans: we a PDF file of each document, OCRmyPDF one of all, told the language."""
    documents = _documents(setting, 12 if setting.quick else 24)
    chosen = [n for document in documents for n in document]
    folder = setting.folder / "whole"
    scans, first = folder / "scans", folder / "first"
    for place in (scans, first):
        place.mkdir(parents=True)
    for number, document in enumerate(documents):
        _bind([setting.paths[n] for n in document], scans / f"{number:02}.pdf")
    _bind([setting.paths[chosen[0]]], first / "00.pdf")
    _bind([setting.paths[n] for n in chosen], together := folder / "scans.pdf")
    way, peer = _Archive(folder), _OcrMyPdf(folder, together)
    contenders = {"one page": lambda: way.take_in(first), "peer": peer.convert, "ours": lambda: way.take_in(scans)}
    costs = in_turns(contenders, 1 if setting.quick else 3)
    ours, theirs, start = costs["ours"], costs["peer"], costs["one page"]
    count = len(chosen)
    truths = [[setting.pages[n].truth.text for n in document] for document in documents]
    made = [_pages(made) for made in way.made]
    filed = [_likest(pages, truths) for pages in made]
    yield Figure(
        f"scan until searchable ({count} pages, {sum(map(len, filed))} of them unseen)",
        f"{count / ours.wall * 60:.0f} pages/min, {ours.cpu / count:.2f} s CPU",
        f"OCRmyPDF {count / theirs.wall * 60:.0f}, {theirs.cpu / count:.2f} s",
        theirs.wall / ours.wall,
        ">= 2.5",
    )
    mine, others = _errors(filed, made), _errors([[page for pages in truths for page in pages]], [_pages(peer.made)])
    yield Figure(
        "characters wrong in these PDF files",
        f"{mine[0]}, {mine[1]}",
        f"OCRmyPDF {others[0]}, {others[1]}",
        others[0].share / max(1e-6, mine[0].share),
        ">= 10",
    )
    recognition = sum(setting.readings("ppocr")[n].recognition for n in chosen[1:])
    further = ours.cpu - start.cpu
    yield Figure(
        "of a further page, all but recognition",
        f"{1 - recognition / further:.0%} of {further / (count - 1):.2f} s CPU",
        f"start and first page: {start.cpu:.1f} s CPU",
        None,
        "<= 20 %",
    )
    yield Figure("its largest process", f"{ours.peak:.0f} MiB", f"OCRmyPDF {theirs.peak:.0f} MiB", None, "<= 600 MB")


class _Archive:
    """Our side: a fresh archive each time, whose people come from the demo."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "archive"
        self._template, self._log = folder / "template", folder / "archive.log"
        #: the searchable PDF files of what was filed unseen, in no order; the rest waits for a person
        self.made: list[Path] = []
        run([*ARCHIVE, self._template, "demo"], environment={"DANGGUI_ENGINE": "null"}, log=self._log)

    def take_in(self, scans: Path) -> Cost:
        """From the command to the last page that can be searched."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._template, self._folder, symlinks=True)
        command = [*ARCHIVE, self._folder, "ingest", "--accept", "--as", "zhoumin", "--json", scans]
        cost = run(command, environment={"DANGGUI_WORKERS": f"local://{PROCESSES}"}, log=self._log)
        self.made = [self._folder / new for new in _copies(self._folder) - _copies(self._template)]
        return cost


class _OcrMyPdf:
    """The peer; on both cores as well."""

    def __init__(self, folder: Path, scans: Path) -> None:
        self._scans, self.made, self._log = scans, folder / "ocrmypdf.pdf", folder / "ocrmypdf.log"

    def convert(self) -> Cost:
        """From the start of the program to its end."""
        options = ["-q", f"-j{PROCESSES}", "-l", "chi_sim", "--output-type", "pdfa"]
        return run([sys.executable, "-m", "ocrmypdf", *options, self._scans, self.made], log=self._log)


def _bind(pages: Sequence[Path], target: Path) -> None:
    """One PDF file of these pages, each in it as it is."""
    subprocess.run([sys.executable, "-m", "img2pdf", "-o", target, *pages], check=True)


def _documents(setting: Setting, least: int) -> list[list[int]]:
    """The first simplified documents, each as the numbers of its pages: so many that they have `least` pages."""
    documents: dict[str, list[int]] = {}
    for n, page in enumerate(setting.pages):
        if page.script == "simplified" and sum(map(len, documents.values())) < least:
            documents.setdefault(page.name, []).append(n)
    return list(documents.values())


def _copies(archive: Path) -> set[Path]:
    """Searchable PDF files inside an archive's folder, from there."""
    return {path.relative_to(archive) for path in archive.rglob("*-access.pdf")}


def _pages(made: Path) -> list[str]:
    """What the same program finds in a PDF, page by page."""
    command: list[str | Path] = [program("pdftotext"), "-raw", "-enc", "UTF-8", made, "-"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split("\f")[:-1]


def _likest(read: list[str], truths: Sequence[list[str]]) -> list[str]:
    """The true pages of the document that was read so."""
    first = all_signs(read[0])
    return min(truths, key=lambda pages: Levenshtein.distance(first, all_signs(pages[0])))


def _errors(truths: Sequence[list[str]], read: Sequence[list[str]]) -> tuple[Errors, Errors]:
    """Of documents, page by page."""
    pairs = [pair for both in zip(truths, read, strict=True) for pair in zip(*both, strict=True)]
    signs, words = ([(fold(truth), fold(text)) for truth, text in pairs] for fold in (all_signs, words_only))
    return errors_of(signs), errors_of(words)
