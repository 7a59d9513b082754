"""Items as somebody accepted them, with texts as recognition leaves them, and the way into the archive."""

import hashlib
import io
from typing import Any

from PIL import Image

from archive.catalogue.filing import enter_item, store_object
from archive.catalogue.models import Control, Item, Retention
from archive.catalogue.new_item import NewFile, NewItem, NewPage
from archive.platform.actor import Actor
from archive.platform.db import new_id
from archive.platform.parts import Parts
from ingest.context import Line, PageText
from tests.factories.organisation import Organisation

__all__ = ["accept", "file_item", "page_text"]


def accept(parts: Parts, organisation: Organisation, *, files: int = 1, pages: int = 2, **facts: Any) -> NewItem:
    """An accepted item of that many scans of that many pages each; `facts` replace those made up here."""
    item_id, archivist = new_id(), organisation.people["archivist"]
    made: dict[str, Any] = {
        "id": item_id,
        "fonds_id": organisation.category.fonds_id,
        "category_id": organisation.category.id,
        "unit_id": organisation.units["CWB"].id,
        "box_id": None,
        "title": "关于印发《差旅费管理办法》的通知",
        "document_number": "江海〔2021〕12号",
        "issuer": "江海实业集团有限公司",
        "addressee": "各部门",
        "date": "20210305",
        "year": 2021,
        "retention": Retention.PERMANENT,
        "control": Control.INTERNAL,
        "accepted_by": archivist.id,
        "accepted_at": parts.clock(),
        "files": tuple(_scan(parts, item_id, number, pages) for number in range(1, files + 1)),
    }
    return NewItem(**made | facts)


def file_item(parts: Parts, organisation: Organisation, new: NewItem) -> Item:
    """Steps 1 and 2 of filing; the outboxes are left to the caller."""
    archivist = organisation.people["archivist"]
    store_object(parts, new, archivist.name)
    with parts.database.writing() as session:
        return enter_item(session, parts.clock, Actor(archivist.id, archivist.name), new, 2021)


def page_text(words: str) -> PageText:
    """A page of one line that says these words."""
    edges = tuple(place / len(words) for place in range(len(words) + 1))
    line = Line(words, ((20.0, 20.5), (180.0, 20.5), (180.0, 44.0), (20.0, 44.0)), edges, 0.97)
    return PageText(200, 280, (line,), "drawn 1")


def _scan(parts: Parts, item_id: str, number: int, pages: int) -> NewFile:
    stream = io.BytesIO()
    images = [Image.new("L", (200, 280), 255 - 10 * number - page) for page in range(pages)]
    images[0].save(stream, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw", dpi=(100, 100))
    data, key = stream.getvalue(), f"intake/{item_id}/{number}"
    digest = hashlib.sha256(data).hexdigest()
    parts.store.put(key, io.BytesIO(data), sha256=digest)
    first = 1 + (number - 1) * pages
    kept = tuple(
        NewPage(first + page, page, 0, 200, 280, 100, False, page_text(f"第{first + page}页差旅费"))
        for page in range(pages)
    )
    return NewFile(number, key, f"扫描{number:04}.tif", "image/tiff", len(data), digest, kept)
