"""What somebody accepted and filing now makes an item of: plain facts, and where the bytes lie until then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.catalogue.models import Control, Retention, Secrecy, TradeSecrecy
from ingest.context import PageText

__all__ = ["NewFile", "NewItem", "NewPage"]

_ENDINGS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "image/jp2": ".jp2",
}


@dataclass(frozen=True, slots=True)
class NewPage:
    """One page: `source_page` counts from 0 in its file, `number` from 1 in the item."""

    number: int
    source_page: int
    rotation: int
    width: int
    height: int
    dpi: int
    blank: bool
    #: None where recognition failed: the page is kept, without text
    text: PageText | None


@dataclass(frozen=True, slots=True)
class NewFile:
    """One original with its pages. `key` is where its bytes lie in the store, `name` how it was called when it came."""

    number: int
    key: str
    name: str
    media_type: str
    size: int
    sha256: str
    pages: tuple[NewPage, ...]

    @property
    def path(self) -> str:
        """Its logical path in the stored object: a name of ours."""
        return f"content/{self.number:04}{_ENDINGS.get(self.media_type, '.bin')}"


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item before it is one. Its id names it, and its stored object, for ever."""

    id: str
    fonds_id: str
    category_id: str
    unit_id: str
    #: the box a person chose; None lets the catalogue choose
    box_id: str | None
    title: str
    document_number: str
    issuer: str
    addressee: str
    date: str
    year: int
    retention: Retention
    control: Control
    accepted_by: str
    accepted_at: datetime
    files: tuple[NewFile, ...]
    secrecy: Secrecy = Secrecy.NONE
    trade_secrecy: TradeSecrecy = TradeSecrecy.NONE

    @property
    def pages(self) -> Iterator[tuple[NewFile, NewPage]]:
        """Every page with the file it is in, in order."""
        return ((file, page) for file in self.files for page in file.pages)
