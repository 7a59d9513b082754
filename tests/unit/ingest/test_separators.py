"""Separator sheets: printed by us, worn, scanned in every way, found again; nothing else is taken for one."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from ingest.sources import open_source
from ingest.steps.separators import CODES, SheetCode, find_sheet
from tests.factories.worn_sheets import MODES, drawn_patch, printed, scanned

SAMPLES = Path(__file__).parents[3] / "samples"

SHEETS = (
    SheetCode("0A1B2C3D4E", 3, 12),
    SheetCode("0A1B2C3D4E", 4, 12, "box", "Z109-2021-Y-BGS-1"),
    SheetCode("0A1B2C3D4E", 5, 12, "code", "Z109-WS·2021-Y-BGS-0001"),
    SheetCode(
        "0A1B2C3D4E", 6, 12, "entry", "2021年第三季度安全生产检查整改通知及回复：含附件三份，由行政处移交" + "件" * 20
    ),
)


@cache
def _printed(dpi: int) -> list[NDArray[np.uint8]]:
    return printed(SHEETS, dpi)


@pytest.mark.parametrize("dpi", [150, 200, 300])
@pytest.mark.parametrize("mode", MODES)
def test_worn_sheets_are_found(dpi: int, mode: str) -> None:
    """Skewed, stained, struck through, upside down or on its side, in colour or not: each says what was printed."""
    for wear, index in ((1.0, MODES.index(mode)), (0.5, dpi // 50 % len(SHEETS))):
        rng = np.random.default_rng([dpi, index, MODES.index(mode)])
        found = find_sheet(scanned(_printed(dpi)[index], rng, dpi, mode, wear))
        assert found is not None
        assert (found.kind, found.text) == ("separator", SHEETS[index].text)


def test_a_sheet_without_readable_code_is_doubtful() -> None:
    """Where all codes of a sheet were painted over, a person has to tell what it is."""
    dpi = 150
    sheet = _printed(dpi)[1].copy()
    for left, top, side in CODES:
        for row in range(6):
            y = round((top + side * (row + 0.5) / 6) * dpi / 25.4)
            ends = (round(left * dpi / 25.4) - 5, y), (round((left + side) * dpi / 25.4) + 5, y + 9)
            cv2.line(sheet, *ends, (0, 0, 90), 15)
    for turns in range(4):
        found = find_sheet(np.ascontiguousarray(np.rot90(sheet, turns)))
        assert found is not None
        assert found.kind == "doubtful"
        assert not found.is_certain


def test_two_sheets_drawn_in_as_one_are_doubtful() -> None:
    """Codes that contradict each other say nothing."""
    both = _printed(150)[0].copy()
    half = both.shape[0] // 2
    both[half:] = _printed(150)[1][half:]
    found = find_sheet(both)
    assert found is not None
    assert found.kind == "doubtful"


@pytest.mark.parametrize("kind", ["2", "T"])
def test_patch_pages_are_found(kind: str) -> None:
    """Patch pages as vendors of scanners print them, worn, upright or turned."""
    for seed, mode in enumerate(MODES):
        scan = scanned(drawn_patch(kind, 150, places=1 + seed % 2), np.random.default_rng(seed), 150, mode)
        found = find_sheet(scan)
        assert found is not None
        assert found.kind == "patch"


def test_a_form_with_a_patch_on_it_is_doubtful() -> None:
    """A patch on a page full of writing may be the first page of an item: nobody drops that."""
    form = drawn_patch("2", 150)
    for row in range(40):
        cv2.putText(form, "The quick brown fox 0123456789", (150, 500 + 28 * row), 0, 0.8, (0, 0, 0), 2)
    found = find_sheet(form)
    assert found is not None
    assert found.kind == "doubtful"


def test_nothing_is_invented() -> None:
    """The samples are pages, also with the code of an invoice on them, whole or struck through."""
    invoice = "01,10,033001900104,12345678,1234.56,20210305,12345678901234567890,ABCD,"
    for number, path in enumerate(sorted(SAMPLES.glob("20*.*"))):
        with open_source(path, path.name) as source:
            page, _dpi = source.image(1)
        assert find_sheet(page) is None
        for text in (invoice, "DGS1:0A1B2C3D4E:3:12:plain::00000000"):
            code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=6)
            side = np.asarray(code).shape[0]
            marked = page.copy()
            marked[200 : 200 + side, 200 : 200 + side] = np.asarray(code)[:, :, None]
            if number % 2:
                cv2.line(marked, (190, 190), (210 + side, 210 + side), (0, 0, 200), 24)
            assert find_sheet(marked) is None


def test_shades_are_no_sheets() -> None:
    """White, black and noise are pages."""
    noise = np.random.default_rng(1).integers(0, 255, (900, 640, 3)).astype(np.uint8)
    for page in (np.full((900, 640, 3), 255, np.uint8), np.zeros((900, 640, 3), np.uint8), noise, noise[:40, :30]):
        assert find_sheet(np.ascontiguousarray(page)) is None


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_code_says_what_it_was_made_of(sheet: SheetCode) -> None:
    """The text of a code is read back whole; with any sign changed it says nothing."""
    assert SheetCode.of_text(sheet.text) == sheet
    for at in range(len(sheet.text)):
        assert SheetCode.of_text(sheet.text[:at] + "~" + sheet.text[at + 1 :]) is None
    for strange in ("", "DGS1", "DGS1:a:b:c:d:e:f", "https://example.com/a:b:c:d:e:f"):
        assert SheetCode.of_text(strange) is None
