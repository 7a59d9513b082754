"""One document as an index holds it: tokens instead of text, keys to sort by. The same for every engine."""

import re
from dataclasses import dataclass
from typing import Final

from search.interface import IndexDocument
from search.text import fold, tokens, units, without_zeros

__all__ = [
    "BODY",
    "BY_CODE",
    "BY_DATE",
    "FACETS",
    "FORMAT",
    "ID",
    "KNOW",
    "LINE",
    "NAMED",
    "NUMBERS",
    "READ",
    "Entry",
    "facet_field",
]

#: Rises when fields or tokens change, so that an index made by an older version is not asked the wrong way.
FORMAT: Final = 1

ID: Final = "id"
KNOW: Final = "know"
READ: Final = "read"
FACETS: Final = "facets"
#: the whole catalogue line, and the text of the pages
LINE: Final = "line"
BODY: Final = "body"
#: fields of the catalogue line that can be asked for by name; those that are numbers are held in two spellings
NAMED: Final = ("title", "document_number", "code", "issuer")
NUMBERS: Final = frozenset({"document_number", "code"})
BY_DATE: Final = "by_date"
BY_CODE: Final = "by_code"

_KEY_LENGTH = 200
_NO_DATE = "~"
_OPPOSITE_DIGITS = str.maketrans("0123456789", "9876543210")


@dataclass(frozen=True, slots=True)
class Entry:
    """What an engine stores. In `texts`, each value is a line of tokens with blanks between."""

    id: str
    know: tuple[str, ...]
    read: tuple[str, ...]
    facets: dict[str, list[str]]
    texts: dict[str, list[str]]
    #: ascending: newest first, unknown last, then by id
    by_date: str
    #: ascending: as a person counts, `…-2` before `…-10`, then by id
    by_code: str
    #: the date as eight digits, 0 if unknown
    date: int

    @classmethod
    def of(cls, document: IndexDocument) -> "Entry":
        """Prepare a document."""
        date = document.date if re.fullmatch(r"[0-9]{8}", document.date) else ""
        code = document.catalogue.get("code", "")
        return cls(
            id=document.id,
            know=tuple(sorted(document.know)),
            read=tuple(sorted(document.read)),
            facets={name: sorted(set(values)) for name, values in document.facets.items()},
            texts=_texts(document),
            by_date=f"{date.translate(_OPPOSITE_DIGITS) or _NO_DATE} {document.id}",
            by_code=f"{_counting_key(code)} {document.id}",
            date=int(date or 0),
        )


def facet_field(name: str) -> str:
    """Where the values of a facet are."""
    return f"{FACETS}.{name}"


def _texts(document: IndexDocument) -> dict[str, list[str]]:
    texts = {field: _values(field, document.catalogue[field]) for field in NAMED if field in document.catalogue}
    texts[LINE] = [_line(units(value)) for value in document.catalogue.values()]
    texts[BODY] = [_line(units(page)) for page in document.pages]
    return texts


def _values(field: str, text: str) -> list[str]:
    found = units(text)
    spellings = [_line(found), _line(without_zeros(found))] if field in NUMBERS else [_line(found)]
    return list(dict.fromkeys(spellings))


def _line(found: list[str]) -> str:
    return " ".join(tokens(found))


def _counting_key(code: str) -> str:
    """The code with its numbers made equally long; a record without a code comes last."""
    key = re.sub(r"[0-9]+", lambda number: number.group().zfill(10), fold(code)).strip()
    return key[:_KEY_LENGTH] or _NO_DATE
