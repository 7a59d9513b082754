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
    pages = [setting.paths[n] for n in chosen]
    subprocess.run([sys.executable, "-m", "img2pdf", "-o", scans, *pages], check=True)
    way, peer = _Archive(folder, scans), _OcrMyPdf(folder, scans)
    costs = in_turns({"ours": way.take_in, "peer": peer.convert}, setting.rounds)
    ours, theirs = costs["ours"], costs["peer"]
    count = len(chosen)
    yield Figure(
        f"scan until searchable ({count} pages)",
        f"{count / ours.wall * 60:.0f} pages/min, {ours.cpu / count:.2f} s CPU",
        f"OCRmyPDF {count / theirs.wall * 60:.0f}, {theirs.cpu / count:.2f} s",
        theirs.wall / ours.wall,
        ">= 2.5",
    )
    truths = [setting.pages[n].truth.text for n in chosen]
    mine, others = _errors(truths, way.made), _errors(truths, peer.made)
    yield Figure(
        "characters wrong in these PDF files",
        f"{mine[0]}, {mine[1]}",
        f"OCRmyPDF {others[0]}, {others[1]}",
        others[0].share / max(1e-6, mine[0].share),
        ">= 10",
    )
    recognition = sum(setting.readings("ppocr")[n].recognition for n in chosen)
    yield Figure("processor time for all but recognition", f"{1 - recognition / ours.cpu:.0%}", "", None, "<= 20 %")
    yield Figure("its largest process", f"{ours.peak:.0f} MiB", f"OCRmyPDF {theirs.peak:.0f} MiB", None, "<= 600 MB")


class _Archive:
    """Our side: a fresh archive each time, whose people come from the demo."""

    def __init__(self, folder: Path, scans: Path) -> None:
        self._folder, self._scans = folder / "archive", scans
        self._template, self._log = folder / "template", folder / "archive.log"
        run([*ARCHIVE, self._template, "demo"], environment={"DANGGUI_ENGINE": "null"}, log=self._log)

    def take_in(self) -> Cost:
        """From the command to the last page that can be searched."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._template, self._folder, symlinks=True)
        command = [*ARCHIVE, self._folder, "ingest", "--accept", "--json", self._scans]
        return run(command, environment={"DANGGUI_WORKERS": f"local://{PROCESSES}"}, log=self._log)

    @property
    def made(self) -> Path:
        """The searchable PDF of the item that was filed."""
        new = sorted(_copies(self._folder) - {self._folder / path for path in self._known()})
        if len(new) != 1:
            raise RuntimeError(f"{len(new)} new PDF files in {self._folder}")
        return new[0]

    def _known(self) -> list[Path]:
        return [path.relative_to(self._template) for path in _copies(self._template)]


class _OcrMyPdf:
    """The peer; on both cores as well."""

    def __init__(self, folder: Path, scans: Path) -> None:
        self._scans, self.made, self._log = scans, folder / "ocrmypdf.pdf", folder / "ocrmypdf.log"

    def convert(self) -> Cost:
        """From the start of the program to its end."""
        options = ["-q", f"-j{PROCESSES}", "-l", "chi_sim", "--output-type", "pdfa"]
        return run([sys.executable, "-m", "ocrmypdf", *options, self._scans, self.made], log=self._log)


def _copies(archive: Path) -> set[Path]:
    return set(archive.rglob("access.pdf"))


def _errors(truths: Sequence[str], made: Path) -> tuple[Errors, Errors]:
    """What the same program finds in the PDF, page by page."""
    command: list[str | Path] = [program("pdftotext"), "-enc", "UTF-8", made, "-"]
    text = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    pairs = list(zip(truths, text.split("\f"), strict=False))
    signs, words = ([(fold(truth), fold(read)) for truth, read in pairs] for fold in (all_signs, words_only))
    return errors_of(signs), errors_of(words)
