"""Scanners through SANE: real ones without hardware, which also do what scanners do on bad days."""

import time
from itertools import islice
from pathlib import Path

import pytest

from ingest.errors import ScannerError
from ingest.programs import scanimage
from ingest.programs.scan_options import Colours, Feed, abilities_of
from ingest.programs.scanimage import ScanOrder, abilities, devices, scan
from ingest.sources import open_source
from tests.servers.scanner import FEEDER_PAGES, breaks_off, scanners

pytestmark = pytest.mark.servers

DUPLEX = """
All options specific to device `fujitsu:fi-7160:1234':
  Scan Mode:
    --source ADF Front|ADF Back|ADF Duplex [ADF Front]
        Selects the scan source (such as a document-feeder).
    --mode Lineart|Halftone|Gray|Color [Lineart]
    --resolution 50..600dpi (in steps of 1) [600]
"""
MODED = """
    --source Flatbed|Automatic Document Feeder(left aligned) [Flatbed]
    --adf-mode Simplex|Duplex [inactive]
    --mode Black & White|True Gray|24bit Color [24bit Color]
    --resolution 100|150|300|600dpi [150]
"""
GLASS = "    --mode Lineart|Gray|Color [Gray]\n    --resolution 75|150|300|600|1200dpi [75]\n"


def _order(device: str = "test:0", feed: Feed = Feed.FEEDER, resolution: int = 30) -> ScanOrder:
    return ScanOrder(device, feed, resolution)


@pytest.mark.parametrize(
    ("listed", "feeds", "colours", "resolutions"),
    [
        (
            DUPLEX,
            {Feed.FEEDER: ["--source=ADF Front"], Feed.DUPLEX: ["--source=ADF Duplex"]},
            {Colours.COLOUR: ["--mode=Color"], Colours.GREY: ["--mode=Gray"], Colours.BILEVEL: ["--mode=Lineart"]},
            (50, 600),
        ),
        (
            MODED,
            {
                Feed.FEEDER: ["--source=Automatic Document Feeder(left aligned)"],
                Feed.DUPLEX: ["--source=Automatic Document Feeder(left aligned)", "--adf-mode=Duplex"],
                Feed.FLATBED: ["--source=Flatbed"],
            },
            {
                Colours.COLOUR: ["--mode=24bit Color"],
                Colours.GREY: ["--mode=True Gray"],
                Colours.BILEVEL: ["--mode=Black & White"],
            },
            (100, 600),
        ),
        (
            GLASS,
            {Feed.FLATBED: []},
            {Colours.COLOUR: ["--mode=Color"], Colours.GREY: ["--mode=Gray"], Colours.BILEVEL: ["--mode=Lineart"]},
            (75, 1200),
        ),
    ],
)
def test_knows_what_drivers_call_things(
    listed: str, feeds: dict[Feed, list[str]], colours: dict[Colours, list[str]], resolutions: tuple[int, int]
) -> None:
    """Feeder, both sides, glass and colours are found under the names that drivers give them."""
    able = abilities_of(listed)
    assert (able.feeds, able.colours, able.resolutions) == (feeds, colours, resolutions)


def test_lists_scanners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scanner that is connected is named, with a colon in its name, and says what it can do."""
    scanners(tmp_path, monkeypatch, 3)
    assert [device.name for device in devices()] == ["test:0", "test:1", "test:2"]
    able = abilities("test:1")
    assert list(able.feeds) == [Feed.FEEDER, Feed.FLATBED]
    assert list(able.colours) == [Colours.COLOUR, Colours.GREY]


def test_the_feeder_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages come one by one, whole, until the feeder is empty, which is no error."""
    scanners(tmp_path / "sane", monkeypatch)
    folder = tmp_path / "100%d"
    folder.mkdir()
    pages = list(scan(_order(), folder, lambda: False))
    assert len(pages) == FEEDER_PAGES
    with open_source(pages[-1], "") as source:
        assert source.image(1)[0].shape[2] == 3


def test_one_page_on_the_glass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the glass comes one page, and no other after it."""
    scanners(tmp_path / "sane", monkeypatch)
    assert len(list(scan(_order(feed=Feed.FLATBED), tmp_path, lambda: False))) == 1


def test_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop, it gives no further page, lets the scanner go, and is no error."""
    scanners(tmp_path / "sane", monkeypatch, 1, "read-delay true", "read-delay-duration 200000")
    pages = scan(_order(resolution=100), tmp_path, iter([False, False, False, *[True] * 99]).__next__)
    assert len(list(pages)) < FEEDER_PAGES


def test_stopped_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was scanned before the stop and not fetched yet is given: its paper went through."""
    scanners(tmp_path / "sane", monkeypatch)
    asked: list[str] = []
    pages = scan(_order(), tmp_path, lambda: bool(asked))
    first = next(pages)
    while len(list(tmp_path.glob("*.tif"))) < 5:
        time.sleep(0.01)
    asked.append("stop")
    assert sorted([first, *pages]) == sorted(tmp_path.glob("*.tif"))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("JAMMED", "scanner_jammed"),
        ("COVER_OPEN", "scanner_cover_open"),
        ("DEVICE_BUSY", "scanner_busy"),
        ("IO_ERROR", "scanner_absent"),
        ("NO_DOCS", "scanner_empty"),
        ("NO_MEM", "scanner_failed"),
    ],
)
def test_bad_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, reason: str) -> None:
    """What a scanner reports is told as what a person can do about it, also when its driver never ends."""
    monkeypatch.setattr(scanimage, "ANSWER", 1.0)
    scanners(tmp_path / "sane", monkeypatch, 1, f'read-status-code "SANE_STATUS_{status}"')
    with pytest.raises(ScannerError) as failed:
        list(scan(_order(), tmp_path, lambda: False))
    assert failed.value.reason == reason


@pytest.mark.parametrize("device", ["test:7", "nobody:0", "--help"])
def test_no_such_scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    """A scanner that is not connected, or no name of one, is said to be absent."""
    scanners(tmp_path / "sane", monkeypatch)
    with pytest.raises(ScannerError) as failed:
        list(scan(_order(device), tmp_path, lambda: False))
    assert failed.value.reason == "scanner_absent"


def test_the_program_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the program is killed in the middle, the pages before that are good, and the end is an error."""
    scanners(tmp_path / "sane", monkeypatch)
    breaks_off(tmp_path, monkeypatch, 3, "kill -9 $$")
    pages: list[Path] = []
    with pytest.raises(ScannerError) as failed:
        pages.extend(scan(_order(), tmp_path, lambda: False))
    assert failed.value.reason == "scanner_failed"
    assert len(list(tmp_path.glob("*.tif"))) == 3


def test_without_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where SANE is not installed it is said so."""
    monkeypatch.setattr(scanimage, "PROGRAM", str(tmp_path / "none"))
    with pytest.raises(ScannerError) as failed:
        devices()
    assert failed.value.reason == "scanner_program"


def test_two_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scanners scan at the same time, each into its own folder."""
    scanners(tmp_path / "sane", monkeypatch)
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    orders = [_order("test:0"), _order("test:1")]
    both = [scan(order, folder, lambda: False) for order, folder in zip(orders, folders, strict=True)]
    pages = [page for pair in islice(zip(*both, strict=True), 3) for page in pair]
    for one in both:
        one.close()
    assert [page.parent.name for page in pages] == ["a", "b"] * 3
