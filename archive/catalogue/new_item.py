"""What somebody accepted and filing now makes an item of: plain facts, and where the bytes lie until then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Self

from archive.catalogue.models import Control, NoteKind, Retention, Secrecy, TradeSecrecy
from ingest.context import PageText

__all__ = ["NewFile", "NewItem", "NewNote", "NewPage"]

_ENDINGS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "image/jp2": ".jp2",
    "message/rfc822": ".eml",
}


#: readings by page number and version: 1 is the machine's, 2 a person's
Texts = Mapping[tuple[int, int], PageText]


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
    fingerprint: str = ""
    #: what a person made of the text before it was accepted
    corrected: PageText | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON; of the texts, which lie in a file of their own, only whether there are any."""
        texts = {"read": self.text is not None, "corrected": self.corrected is not None}
        return {name: getattr(self, name) for name in _PAGE_FACTS} | texts

    @classmethod
    def of_json(cls, data: dict[str, Any], texts: Texts) -> Self:
        """The opposite of `to_json`. Raises KeyError when a text is missing."""
        facts = {name: value for name, value in data.items() if name not in ("read", "corrected")}
        return cls(
            **facts,
            text=texts[data["number"], 1] if data["read"] else None,
            corrected=texts[data["number"], 2] if data.get("corrected") else None,
        )


_PAGE_FACTS = tuple(field.name for field in fields(NewPage) if field.name not in ("text", "corrected"))


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
    #: of the file as it came, where this holds only some of its pages
    source_sha256: str = ""

    @property
    def path(self) -> str:
        """Its logical path in the stored object: a name of ours."""
        return f"content/{self.number:04}{_ENDINGS.get(self.media_type, '.bin')}"

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON, without the texts."""
        facts = {field.name: getattr(self, field.name) for field in fields(self)}
        return facts | {"pages": [page.to_json() for page in self.pages]}

    @classmethod
    def of_json(cls, data: dict[str, Any], texts: Texts) -> Self:
        """The opposite of `to_json`, with its texts."""
        return cls(**data | {"pages": tuple(NewPage.of_json(page, texts) for page in data["pages"])})


@dataclass(frozen=True, slots=True)
class NewNote:
    """An entry of 备考表; `text` is empty where the kind says all."""

    kind: NoteKind
    text: str
    made_by: str
    made_at: datetime

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"kind": self.kind.value, "text": self.text, "made_by": self.made_by, "made_at": _moment(self.made_at)}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Self:
        """The opposite of `to_json`. Raises KeyError, ValueError."""
        made_at = datetime.fromisoformat(data["made_at"])
        return cls(NoteKind(data["kind"]), data["text"], data["made_by"], made_at)


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
    notes: tuple[NewNote, ...] = ()

    @property
    def pages(self) -> Iterator[tuple[NewFile, NewPage]]:
        """Every page with the file it is in, in order."""
        return ((file, page) for file in self.files for page in file.pages)

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON: everything but the texts of the pages."""
        facts = {field.name: getattr(self, field.name) for field in fields(self)}
        return facts | {
            "retention": self.retention.value,
            "control": self.control.value,
            "secrecy": self.secrecy.value,
            "trade_secrecy": self.trade_secrecy.value,
            "accepted_at": _moment(self.accepted_at),
            "files": [file.to_json() for file in self.files],
            "notes": [note.to_json() for note in self.notes],
        }

    @classmethod
    def of_json(cls, data: dict[str, Any], texts: Texts) -> Self:
        """The opposite of `to_json`, with its texts. Raises KeyError, TypeError, ValueError."""
        typed = {
            "retention": Retention(data["retention"]),
            "control": Control(data["control"]),
            "secrecy": Secrecy(data["secrecy"]),
            "trade_secrecy": TradeSecrecy(data["trade_secrecy"]),
            "accepted_at": datetime.fromisoformat(data["accepted_at"]),
            "files": tuple(NewFile.of_json(file, texts) for file in data["files"]),
            "notes": tuple(map(NewNote.of_json, data.get("notes", ()))),
        }
        return cls(**data | typed)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
