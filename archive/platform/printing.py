"""Printed matter: sheets, labels, registers and reports, set with Typst from a template and plain data, as PDF/A.

A template reads its data with `#let data = json(bytes(sys.inputs.data))`. It can reach no file and no network, and the
only face is the shipped one, so that a print looks alike on every machine: "Noto Sans SC", regular.
"""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import typst
import zxingcpp

from ingest.fonts import FONT

__all__ = ["print_pdf", "qr_code"]


def print_pdf(template: Path, data: dict[str, Any], at: datetime) -> bytes:
    """The PDF/A-2b that `template` makes of `data`, JSON-able, dated `at`: the same bytes for the same input.

    Texts in `data` are shown as they are, never read as markup.
    """
    return typst.compile(
        template.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["a-2b"],
        timestamp=at.replace(microsecond=0),
    )


def qr_code(text: str) -> str:
    """The QR code of a text, which can lose 30 % of its signs, as an SVG drawing of one unit a module."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="H")
    dark = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) < 128
    side = len(dark)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, x in np.argwhere(dark).tolist())
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[FONT.parent])
