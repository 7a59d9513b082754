"""What lies in an item's stored object: logical paths, and the two files from which its rows can be made again.

`metadata/item.json` has two forms. Version 1 is written before there are rows and holds what was accepted; from
version 2 on it holds the rows themselves. Page texts, with the boxes of their characters, lie in `text/pages.jsonl`.
docs/features/stored-object.md shows each file to somebody who lacks this program.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from archive.catalogue.formats import Format
from archive.catalogue.models import Item, ItemFile, ItemNote, Page, PageTextVersion, TextOrigin
from archive.catalogue.new_item import NewItem
from archive.platform.db import Base
from archive.platform.json_text import of_json
from archive.platform.rows import RowError, row_values
from ingest.context import PageText

__all__ = [
    "ACCESS_PDF",
    "ALTO",
    "DA_T_46",
    "DERIVED_FORMATS",
    "FORMAT",
    "METADATA",
    "PAGE_TEXTS",
    "PREMIS",
    "Derived",
    "FormerFormatError",
    "Ingestion",
    "ItemDocument",
    "accepted_item",
    "page_texts",
    "rows_of",
]

ACCESS_PDF = "derivatives/access.pdf"
ALTO = "text/alto.zip"
PAGE_TEXTS = "text/pages.jsonl"
METADATA = "metadata/item.json"
DA_T_46 = "metadata/da-t-46.xml"
PREMIS = "metadata/premis.xml"

FORMAT = "danggui-item/1"

#: what we make beside the originals
DERIVED_FORMATS = {
    ACCESS_PDF: Format("PDF/A-2b", "fmt/477"),
    ALTO: Format("ZIP", "x-fmt/263"),
    PAGE_TEXTS: Format("JSON Lines"),
    DA_T_46: Format("XML", "fmt/101"),
    PREMIS: Format("XML", "fmt/101"),
}


class FormerFormatError(RowError):
    """This `metadata/item.json` was written before there was a format from which rows can be made."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A file that was made from originals or rows: its path, its size in bytes, its SHA-256, before any encryption."""

    path: str
    size: int
    sha256: str

    @classmethod
    def of_bytes(cls, path: str, data: bytes) -> Self:
        """One that is made in memory."""
        return cls(path, len(data), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class Ingestion:
    """How the object came into the store; said in version 1 and never changed. `program` is empty if unknown."""

    at: str
    person: str
    program: str


@dataclass(frozen=True, slots=True)
class ItemDocument:
    """`metadata/item.json`: how the object came to be, its derived files, and `facts` in one of the two forms.

    Facts are `accepted`, or `item` with `names`, `files`, and `notes` where there are any.
    """

    ingestion: Ingestion
    derived: Mapping[str, Derived]
    facts: Mapping[str, Any]

    def to_json(self) -> bytes:
        """The bytes of the file; the same document always gives the same bytes."""
        document = {
            "format": FORMAT,
            **self.facts,
            "derived": [asdict(self.derived[path]) for path in sorted(self.derived)],
            "ingested": asdict(self.ingestion),
        }
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def of_json(cls, data: bytes) -> Self:
        """Read the file. Raises FormerFormatError, RowError when it is none of ours or of a later version."""
        document = _parsed(data)
        if not isinstance(document, dict):
            raise RowError("an item.json holds no object")
        if "format" not in document:
            raise FormerFormatError("this item.json holds no rows: the item was not described since the upgrade")
        if (given := document.pop("format")) != FORMAT:
            raise RowError(f"this item.json is of the format {given}, this version understands {FORMAT}")
        try:
            ingestion = Ingestion(**document.pop("ingested"))
            derived = {entry["path"]: Derived(**entry) for entry in document.pop("derived")}
        except (KeyError, TypeError) as error:
            raise RowError(f"an item.json cannot be understood: {error!r}") from error
        return cls(ingestion, derived, document)

    @property
    def readings(self) -> frozenset[tuple[int, int]]:
        """Page number and version of every reading that stands in `text/pages.jsonl`."""
        if "accepted" in self.facts:
            files = self.facts["accepted"]["files"]
            accepted = [page for file in files for page in file["pages"]]
            read = {(page["number"], 1) for page in accepted if page["read"]}
            return frozenset(read | {(page["number"], 2) for page in accepted if page.get("corrected")})
        pages = (page for file in self.facts["files"] for page in file["pages"])
        return frozenset((page["number"], text["version"]) for page in pages for text in page["texts"])


# --- text/pages.jsonl ---


def page_texts(readings: Iterable[tuple[int, int, TextOrigin, Mapping[str, Any]]]) -> bytes:
    """`text/pages.jsonl`: a line a reading, with page number, version, origin, and what PageText writes."""
    return b"".join(
        json.dumps({"page": page, "version": version, "origin": origin.value, **content}, ensure_ascii=False).encode()
        + b"\n"
        for page, version, origin, content in readings
    )


def _readings(pages_jsonl: bytes) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Page number, version and content of each line. Raises RowError."""
    for line in pages_jsonl.splitlines():
        reading = _parsed(line)
        try:
            page, version, _ = reading.pop("page"), reading.pop("version"), reading.pop("origin")
        except (KeyError, AttributeError, TypeError) as error:
            raise RowError(f"a line of pages.jsonl cannot be understood: {error!r}") from error
        yield page, version, reading


# --- back again ---


def accepted_item(item_json: bytes, pages_jsonl: bytes) -> NewItem | None:
    """What was accepted, from an object that was never described; None from one that holds rows. Raises RowError."""
    accepted = ItemDocument.of_json(item_json).facts.get("accepted")
    if accepted is None:
        return None
    try:
        texts = {(page, n): PageText.from_json(content) for page, n, content in _readings(pages_jsonl)}
        return NewItem.of_json(accepted, texts)
    except (KeyError, TypeError, ValueError) as error:
        raise RowError(f"what was accepted cannot be understood: {error!r}") from error


def rows_of(item_json: bytes, pages_jsonl: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a described item as table name and values to insert, each after those that it refers to.

    Raises RowError when the two files do not hold them, or not both the same.
    """
    facts = ItemDocument.of_json(item_json).facts
    if "item" not in facts:
        raise RowError("this object was never described: it holds no rows, only what was accepted")
    contents = {(page, version): content for page, version, content in _readings(pages_jsonl)}
    try:
        yield from _rows(facts, contents)
    except KeyError as error:
        raise RowError(f"item.json and pages.jsonl do not hold the whole item: {error} is missing") from error


def _rows(
    facts: Mapping[str, Any], contents: Mapping[tuple[int, int], dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    yield _row(Item, facts["item"])
    for file in facts["files"]:
        yield _row(ItemFile, file)
        for page in file["pages"]:
            yield _row(Page, page)
            for text in page["texts"]:
                yield _row(PageTextVersion, {**text, "content": contents[page["number"], text["version"]]})
    for note in facts.get("notes", ()):
        yield _row(ItemNote, note)


def _row(model: type[Base], document: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return model.__tablename__, row_values(Base.metadata.tables[model.__tablename__], document)


def _parsed(data: bytes) -> Any:
    try:
        return of_json(data)
    except ValueError as error:
        raise RowError(f"this is no JSON: {error}") from error
