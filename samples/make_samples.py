"""Makes the sample scans and samples.json; the same bytes come out every time.

    python -m samples.make_samples [--fonts FOLDER] [--out FOLDER]

Needs the Debian packages fonts-noto-cjk, fonts-arphic-uming, fonts-liberation and the Fandol faces of
texlive-lang-chinese (or a folder with its four .otf files). The results are committed; this is only run to change them.
"""

import argparse
import json
import time
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

from samples import correspondence, official
from samples.document import Document
from samples.fonts import FontBook
from samples.paper import WORN_SEAL, Sheet, Typesetter
from samples.scanner import bilevel, scan

DEPARTMENTS = {"BGS": "综合办公室", "RLB": "人力资源部", "CWB": "财务部", "SJB": "生产技术部"}
#: the date written into PDF files: fixed, so that the same bytes come out
WRITTEN = time.gmtime(1_640_000_000)


def main() -> None:
    """Prints, scans and saves every document."""
    arguments = _arguments()
    documents = sorted((*official.DOCUMENTS, *correspondence.DOCUMENTS), key=lambda document: document.file)
    fonts = FontBook(tuple(arguments.fonts))
    entries = [_make(document, fonts, arguments.out) for document in documents]
    catalogue = {"fonds": {"code": "Z109", "name": official.GROUP}, "departments": DEPARTMENTS, "documents": entries}
    (arguments.out / "samples.json").write_text(json.dumps(catalogue, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the sample scans.")
    parser.add_argument("--fonts", type=Path, action="append", default=[], help="folder searched for fonts first")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="where to write (default: samples/)")
    return parser.parse_args()


def _make(document: Document, fonts: FontBook, out: Path) -> dict[str, Any]:
    page = Typesetter(fonts, document.body, document.size, document.pitch)
    if not document.colour:
        page.seal_ink = WORN_SEAL
    document.write(page)
    _save([_scan(document, sheet, n) for n, sheet in enumerate(page.sheets)], document, out / document.file)
    return _entry(document, page.sheets)


def _scan(document: Document, sheet: Sheet, number: int) -> Image.Image:
    seed = zlib.crc32(document.file.encode()) + number
    image = scan(sheet.image, seed, dpi=document.dpi, colour=document.colour, wear=document.wear)
    return bilevel(image, seed) if document.bilevel else image


def _save(images: list[Image.Image], document: Document, path: Path) -> None:
    first, rest, dpi = images[0], images[1:], (document.dpi, document.dpi)
    match path.suffix:
        case ".pdf":
            first.save(
                path, save_all=True, append_images=rest, resolution=document.dpi, quality=document.quality,
                creationDate=WRITTEN, modDate=WRITTEN, producer="", title="",
            )  # fmt: skip
        case ".tif":
            first.save(path, save_all=True, append_images=rest, compression="group4", dpi=dpi)
        case _:
            if rest:
                raise SystemExit(f"{path.name} runs over more than one page: shorten it or keep it as PDF or TIFF.")
            first.save(path, quality=document.quality, dpi=dpi)


def _entry(document: Document, sheets: list[Sheet]) -> dict[str, Any]:
    fields = ("file", "title", "document_number", "date", "issuer", "department", "control", "retention", "dpi")
    known = {name: getattr(document, name) for name in fields}
    return known | {"secrecy": "none", "pages": ["\n".join(sheet.lines) for sheet in sheets]}


if __name__ == "__main__":
    main()
