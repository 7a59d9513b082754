"""The catalogue fields of a draft: what recognition suggests, what a reviewer enters, and what is wrong with it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import PurePath
from typing import Any, Self

from archive.catalogue.models import Control, Retention
from archive.platform.i18n import _
from ingest.context import Proposal

__all__ = ["DraftFields", "first_fields", "problems", "unit_of_issuer"]

_TEXTS = ("title", "document_number", "date", "issuer", "addressee", "unit_id", "box_id")
_DATE = re.compile(r"\s*(\d{4})(?:[-./年]?(\d{1,2}))?(?:[-./月]?(\d{1,2}))?日?\s*")
_LONGEST = {"document_number": 100, "issuer": 200}


@dataclass(frozen=True, slots=True)
class DraftFields:
    """What will stand in the catalogue. Texts are empty, `year` is 0, where nothing is known."""

    title: str = ""
    document_number: str = ""
    date: str = ""
    issuer: str = ""
    addressee: str = ""
    unit_id: str = ""
    year: int = 0
    retention: str = Retention.THIRTY_YEARS.value
    control: str = Control.INTERNAL.value
    electronic_only: bool = False
    #: the box a person chose; empty lets the catalogue choose
    box_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data for the draft's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The opposite of `to_json`."""
        return cls(**data)

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Self:
        """As typed: blanks at the ends are dropped, dates are brought to eight digits, an empty year follows the date."""
        texts = {name: form.get(name, "").strip() for name in _TEXTS}
        texts["date"] = _eight_digits(texts["date"])
        year = form.get("year", "").strip() or texts["date"][:4]
        return cls(
            **texts,
            year=int(year) if year.isascii() and year.isdigit() else 0,
            retention=form.get("retention", ""),
            control=form.get("control", ""),
            electronic_only=form.get("carrier", "") == "electronic",
        )


def first_fields(proposals: Sequence[Proposal], name: str, *, electronic_only: bool, year: int) -> DraftFields:
    """The fields a reviewer finds filled in: what was read, and the file's own name where no title was."""
    read = {proposal.field: proposal.value.strip() for proposal in reversed(proposals)}
    date_read = _eight_digits(read.get("date", ""))
    return DraftFields(
        title=" ".join(read.get("title", "").split()) or PurePath(name).stem,
        document_number=read.get("document_number", ""),
        date=date_read,
        issuer=read.get("issuer", ""),
        addressee=read.get("addressee", ""),
        year=int(date_read[:4]) if date_read[:4].isdigit() else year,
        electronic_only=electronic_only,
    )


def unit_of_issuer(issuer: str, units: Mapping[str, str]) -> str:
    """The id of the department whose name (id -> name) ends the issuer's, else an empty text."""
    found = [(len(name), unit_id) for unit_id, name in units.items() if name and issuer.endswith(name)]
    return max(found)[1] if found else ""


def problems(fields: DraftFields) -> dict[str, str]:
    """What must be mended before this can be accepted: field -> message id, in the order of the form."""
    found: dict[str, str] = {}
    if not fields.title:
        found["title"] = _("请填写题名。")
    for name, longest in _LONGEST.items():
        if len(getattr(fields, name)) > longest:
            found[name] = _("内容过长，请缩短。")
    if fields.date and not _is_date(fields.date):
        found["date"] = _("请按年月日填写日期，如 20210305；不详的月、日可写 00。")
    if not fields.unit_id:
        found["unit_id"] = _("请选择归档部门。")
    if not 1000 <= fields.year <= 9999:
        found["year"] = _("请填写四位年度，如 2021。")
    if fields.retention not in set(Retention):
        found["retention"] = _("请选择保管期限。")
    if fields.control not in set(Control):
        found["control"] = _("请选择控制范围。")
    return found


def _eight_digits(text: str) -> str:
    found = _DATE.fullmatch(text)
    return f"{found[1]}{int(found[2] or 0):02}{int(found[3] or 0):02}" if found else text


def _is_date(text: str) -> bool:
    """Eight digits; an unknown month or day is 00."""
    if not re.fullmatch(r"[0-9]{8}", text):
        return False
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if day and not month:
        return False
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return False
    return True
