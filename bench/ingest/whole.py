"""The whole way from a scan to a searchable archive, against OCRmyPDF, which makes the PDF/A alone."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.figures import Figure
from bench.ingest.costs import Cost, in_turns, run
from bench.ingest.scoring import Errors, all_signs, errors_of, words_only
from bench.ingest.setting import PROCESSES, Setting
from tests.servers.process import program

__all__ = ["figures"]

ARCHIVE: list[str | Path] = [sys.executable, "-m", "archive.cli", "--data"]


def figures(setting: Setting) -> Iterator[Figure]:
    """Both take in one PDF file of simplified Chinese scans, of which OCRmyPDF is told the language."""
    chosen = [n for n, page in enumerate(setting.pages) if page.script == "simplified"][: 12 if setting.quick else 24]
    folder = setting.folder / "whole"
    folder.mkdir()
    scans = folder / "scans.pdf"
    _bind([setting.paths[n] for n in chosen], scans)
    _bind([setting.paths[chosen[0]]], first := folder / "first.pdf")
    way, peer = _Archive(folder), _OcrMyPdf(folder, scans)
    contenders = {"one page": lambda: way.take_in(first), "peer": peer.convert, "ours": lambda: way.take_in(scans)}
    costs = in_turns(contenders, 1 if setting.quick else 3)
    ours, theirs, start = costs["ours"], costs["peer"], costs["one page"]
    count = len(chosen)
    yield Figure(
        f"scan until searchable ({count} pages)",
        f"{count / ours.wall * 60:.0f} pages/min, {ours.cpu / count:.2f} s CPU",
        f"OCRmyPDF {count / theirs.wall * 60:.0f}, {theirs.cpu / count:.2f} s",
        theirs.wall / ours.wall,
        ">= 2.5",
    )
    truths = [setting.pages[n].truth.text for n in chosen]
    mine, others = _errors(truths, way.made(scans)), _errors(truths, peer.made)
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
        run([*ARCHIVE, self._template, "demo"], environment={"DANGGUI_ENGINE": "null"}, log=self._log)

    def take_in(self, scans: Path) -> Cost:
        """From the command to the last page that can be searched."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._template, self._folder, symlinks=True)
        command = [*ARCHIVE, self._folder, "ingest", "--accept", "--as", "zhoumin", "--json", scans]
        cost = run(command, environment={"DANGGUI_WORKERS": f"local://{PROCESSES}"}, log=self._log)
        (new,) = _copies(self._folder) - _copies(self._template)
        shutil.copy(self._folder / new, self.made(scans))
        return cost

    def made(self, scans: Path) -> Path:
        """The searchable PDF that was made of these scans."""
        return scans.with_suffix(".ours.pdf")


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


def _copies(archive: Path) -> set[Path]:
    """Searchable PDF files inside an archive's folder, from there."""
    return {path.relative_to(archive) for path in archive.rglob("*-access.pdf")}


def _errors(truths: Sequence[str], made: Path) -> tuple[Errors, Errors]:
    """What the same program finds in the PDF, page by page, in the order in which it was put there."""
    command: list[str | Path] = [program("pdftotext"), "-raw", "-enc", "UTF-8", made, "-"]
    text = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    pairs = list(zip(truths, text.split("\f"), strict=False))
    signs, words = ([(fold(truth), fold(read)) for truth, read in pairs] for fold in (all_signs, words_only))
    return errors_of(signs), errors_of(words)
