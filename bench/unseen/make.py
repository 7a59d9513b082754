"""Sets documents with Typst, draws their pages, scans them badly, and knows their text from the file itself."""

import json
import random
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pypdfium2
import typst
from PIL import Image

from bench.pages.make import FONTS, JudgedDocument, JudgedPage
from bench.pages.wear import DIFFICULTIES, scan
from bench.unseen.facts import WRITERS
from ingest.context import PageText
from ingest.sources import open_source

__all__ = ["make_document"]

LAYOUTS = Path(__file__).parent / "layouts"
SIMPLIFIED = ("FandolFang R", "FandolSong", "Noto Serif CJK SC", "FandolKai", "AR PL UMing")
TRADITIONAL = ("AR PL UMing TW", "cwTeXMing", "Noto Serif CJK TC", "cwTeXKai", "AR PL UKai TW")
TRADITIONAL_LAYOUTS = ("taiwan", "hong_kong", "vertical")
#: inks let print show through; in black and white a worn seal is all that stays readable
FRESH, WORN = "#d2262ca8", "#e8787c88"
PRINTED_AT = 300


def make_document(seed: int, number: int) -> JudgedDocument:
    """Document `number` (from 0) of this seed: each layout in turn, each wear in turn."""
    rng = random.Random(f"unseen/{seed}/{number}")
    write = WRITERS[number % len(WRITERS)]
    facts, fields = write(rng)
    layout = facts["layout"]
    difficulty = DIFFICULTIES[(number + number // len(WRITERS)) % len(DIFFICULTIES)]
    grey, dpi = rng.random() < 0.5, rng.choice((200, 300))
    ink = WORN if difficulty == "fax" or (grey and rng.random() < 0.5) else FRESH
    script = "traditional" if layout in TRADITIONAL_LAYOUTS else "simplified"
    body = rng.choice(TRADITIONAL if script == "traditional" else SIMPLIFIED)
    sheets = _drawn(_typeset(facts, body, ink))
    truths = _read(_typeset(facts, body, ""))
    pages = []
    for n, sheet in enumerate(sheets):
        scanned = scan(sheet, sheets[n - 1], difficulty, rng, dpi=dpi, grey=grey)
        judged = JudgedPage(
            f"unseen-{seed}-{number:03}", n + 1, write.__name__, script, difficulty, dpi, scanned.data, scanned.suffix,
            truths[n], fields,
        )  # fmt: skip
        pages.append(judged)
    return JudgedDocument(tuple(pages), fields)


def _typeset(facts: dict[str, object], body: str, ink: str) -> bytes:
    inputs = {"facts": json.dumps(facts, ensure_ascii=False), "body": body, "ink": ink}
    template = LAYOUTS / f"{facts['layout']}.typ"
    pdf: bytes = typst.compile(template, format="pdf", sys_inputs=inputs, font_paths=_fonts())
    return pdf


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, font_paths=[FONTS] if FONTS.is_dir() else [])


def _drawn(pdf: bytes) -> list[Image.Image]:
    """The pages as they leave the printer."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.render(scale=PRINTED_AT / 72).to_pil().convert("RGB") for page in document]


def _read(pdf: bytes) -> Sequence[PageText]:
    """The lines that the file itself holds: a perfect reading of what was printed, before it lay askew."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "printed.pdf"
        path.write_bytes(pdf)
        with open_source(path, path.name) as source:
            pages = []
            for number in range(1, source.page_count + 1):
                tall, wide = source.image(number)[0].shape[:2]
                pages.append(PageText(wide, tall, source.lines(number) or (), "truth/1"))
    return pages
