"""Sets separator sheets: the same code three times within a frame, and in large letters what it says."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import zxingcpp

from archive.platform.printing import print_pdf
from ingest.steps.separators import CODES, FRAME, PAPER, SheetCode

__all__ = ["print_sheets"]

_TEMPLATE = Path(__file__).with_name("sheet.typ")


def print_sheets(sheets: Sequence[SheetCode], words: dict[str, str], labels: dict[str, str], at: datetime) -> bytes:
    """A PDF with a page for each sheet, to be printed at its own size.

    `words`: title, heading, warning, advice and made, as they are printed; `labels`: what a sheet carries -> its word.
    """
    pages = [
        {
            "code": _svg(sheet.text),
            "number": sheet.number,
            "count": sheet.count,
            "label": labels[sheet.carries],
            "payload": sheet.payload,
        }
        for sheet in sheets
    ]
    return print_pdf(_TEMPLATE, {**words, "paper": PAPER, "frame": FRAME, "codes": CODES, "sheets": pages}, at)


def _svg(text: str) -> str:
    """The QR code of a text, which can lose 30 % of its signs, as a drawing of one unit a module."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="H")
    dark = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) < 128
    side = len(dark)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, x in np.argwhere(dark).tolist())
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'
