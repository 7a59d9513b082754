"""Sets separator sheets: the same code three times within a frame, and in large letters what it says."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from archive.platform.printing import print_pdf, qr_code
from ingest.steps.separators import CODES, FRAME, PAPER, SheetCode

__all__ = ["print_sheets"]

_TEMPLATE = Path(__file__).with_name("sheet.typ")


def print_sheets(sheets: Sequence[SheetCode], words: dict[str, str], labels: dict[str, str], at: datetime) -> bytes:
    """A PDF with a page for each sheet, to be printed at its own size.

    `words`: title, heading, warning, advice and made, as they are printed; `labels`: what a sheet carries -> its word.
    """
    pages = [
        {
            "code": qr_code(sheet.text),
            "number": sheet.number,
            "count": sheet.count,
            "label": labels[sheet.carries],
            "payload": sheet.payload,
        }
        for sheet in sheets
    ]
    return print_pdf(_TEMPLATE, {**words, "paper": PAPER, "frame": FRAME, "codes": CODES, "sheets": pages}, at)
