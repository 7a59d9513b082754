"""Scanners, through the program `scanimage` of SANE: which there are, what they can do, and their pages one by one."""

import enum
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from ingest.errors import ScannerError
from ingest.programs.scan_options import Abilities, Colours, Feed, abilities_of

__all__ = ["Device", "Paper", "ScanOrder", "abilities", "devices", "scan"]

PROGRAM = "scanimage"
#: seconds in which a scanner, or a network that may have one, answers
ANSWER = 30.0
#: Seconds in which the next page comes: drawing a sheet in, warming up and the finest resolutions take long.
PAGE = 300.0
#: seconds between two looks whether somebody wants it to stop
LOOK = 0.3
#: What the driver reported last, and what it means. The exit code does not always say it.
_REPORTED = re.compile(r"sane_(?:start|read): (.*)")
_REASONS = {
    "Device busy": "scanner_busy",
    "Document feeder jammed": "scanner_jammed",
    "Document feeder out of documents": "scanner_empty",
    "Scanner cover is open": "scanner_cover_open",
    "Error during device I/O": "scanner_absent",
}
#: the last line names a device that was not opened, and why
_NOT_OPENED = re.compile(r"open of device .* failed: (?P<why>.*)")


class Paper(enum.StrEnum):
    """The part of the glass that is scanned."""

    A4 = "a4"
    A3 = "a3"
    WHOLE = "whole"  #: as large as the device can


_MILLIMETRES = {Paper.A4: (210, 297), Paper.A3: (297, 420)}


@dataclass(frozen=True, slots=True)
class Device:
    """A scanner: `name` is what SANE calls it, such as `fujitsu:fi-7160:1234`."""

    name: str
    vendor: str
    model: str


@dataclass(frozen=True, slots=True)
class ScanOrder:
    """What to scan how; `resolution` in dots per inch."""

    device: str
    feed: Feed
    resolution: int = 300
    colours: Colours = Colours.COLOUR
    paper: Paper = Paper.A4


def devices() -> list[Device]:
    """The scanners that are connected. Raises ScannerError."""
    said = _answer(["--formatted-device-list=%d\t%v\t%m%n"])
    rows = [line.split("\t") for line in said.splitlines() if line.count("\t") == 2]
    return [Device(name, vendor, model) for name, vendor, model in rows]


def abilities(device: str) -> Abilities:
    """What this scanner can do. Raises ScannerError."""
    return abilities_of(_answer([f"--device-name={device}", "--all-options"]))


def scan(order: ScanOrder, folder: Path, stopped: Callable[[], bool]) -> Generator[Path, None, None]:
    """Scans to TIFF files in `folder`, each given when it is whole; they are the caller's to delete.

    It ends when the feeder is empty, after one page on the glass, or soon after `stopped` says so; whatever was whole
    by then is given. Raises ScannerError when it ends otherwise; the pages before that are good.
    """
    able = abilities(order.device)
    if order.feed not in able.feeds:
        raise ScannerError("scanner_failed", f"{order.device} has no {order.feed}")
    said = folder / "said"
    with said.open("wb") as errors, _running(_command(order, able), folder, errors) as process:
        pages = 0
        for line in _lines(process, said, stopped):
            pages += 1
            yield folder / line
    if not stopped():
        _judge(process.returncode, pages, _text(said))


def _command(order: ScanOrder, able: Abilities) -> list[str]:
    wide, tall = _MILLIMETRES.get(order.paper, (0, 0))
    return [
        PROGRAM,
        f"--device-name={order.device}",
        *able.feeds[order.feed],
        *able.colours.get(order.colours, ()),
        f"--resolution={min(max(order.resolution, able.resolutions[0]), able.resolutions[1])}",
        *([f"-x{wide}", f"-y{tall}"] if wide else []),
        "--format=tiff",
        "--batch=%06d.tif",
        "--batch-print",
        *(["--batch-count=1"] if order.feed is Feed.FLATBED else []),
    ]


@contextmanager
def _running(command: Sequence[str], folder: Path, errors: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    """The program under way; at the end it is told to let the scanner go, and then made to."""
    try:
        # Started in the folder: in the names of pages, signs of the folder's own name would be read as instructions.
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
    except FileNotFoundError as error:
        raise ScannerError("scanner_program") from error
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(ANSWER)
            process.kill()


def _lines(process: "subprocess.Popen[bytes]", said: Path, stopped: Callable[[], bool]) -> Iterator[str]:
    """What the program prints, line by line, until it ends, if need be told to, or does nothing for too long."""
    printed, waiting, last = cast("IO[bytes]", process.stdout), b"", time.monotonic()
    stopping = False
    while True:
        if not stopping and stopped():
            stopping, last = True, time.monotonic()
            process.send_signal(signal.SIGINT)
        if select.select([printed], [], [], LOOK)[0]:
            data = os.read(printed.fileno(), 4096)
            if not data:
                process.wait()
                return
            last = time.monotonic()
            *lines, waiting = (waiting + data).split(b"\n")
            yield from (os.fsdecode(line) for line in lines)
        # Drivers may leave a process of theirs behind, which holds the pipe open, or never end after an error.
        elif process.poll() is not None or time.monotonic() - last > _patience(said, stopping=stopping):
            return


def _patience(said: Path, *, stopping: bool) -> float:
    """Seconds to wait for the next page; fewer once something went wrong or it is to stop."""
    return ANSWER if stopping or _REPORTED.search(_text(said)) else PAGE


def _text(said: Path) -> str:
    return said.read_text("utf-8", "replace")


def _judge(code: int, pages: int, said: str) -> None:
    """Raises ScannerError unless the program ended as it should."""
    if not_opened := _NOT_OPENED.search(said):
        raise ScannerError("scanner_busy" if "busy" in not_opened["why"].lower() else "scanner_absent", said[-200:])
    reported = _REPORTED.findall(said)
    if reported:
        reason = _REASONS.get(reported[-1].strip(), "scanner_failed")
    else:
        reason = "scanner_failed" if code or not pages else ""
    if reason and not (reason == "scanner_empty" and pages):
        raise ScannerError(reason, said[-200:])


def _answer(arguments: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            [PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=ANSWER, check=False
        )
    except FileNotFoundError as error:
        raise ScannerError("scanner_program") from error
    except subprocess.TimeoutExpired as error:
        raise ScannerError("scanner_absent", "no answer") from error
    if done.returncode:
        _judge(done.returncode, 0, done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode("utf-8", "replace")
