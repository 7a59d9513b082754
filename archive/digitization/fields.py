"""The catalogue fields of a draft: what recognition suggests, what a reviewer enters, what is wrong with it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import PurePath
from typing import Any, Self

from archive.catalogue.models import Control, Retention, Secrecy, TradeSecrecy
from archive.platform.i18n import _
from archive.platform.secrecy_levels import exceeds
from ingest.context import Proposal

__all__ = ["DraftFields", "first_fields", "problems", "unit_of_issuer"]

_TEXTS = ("title", "document_number", "date", "issuer", "addressee", "unit_id", "box_id")
_TRADE = {"核心商密": TradeSecrecy.CORE, "普通商密": TradeSecrecy.ORDINARY}
#: signs that are no writing, which neither PDF nor XML can hold
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_DATE = re.compile(r"\s*(\d{4})年?(?:[-./]?(\d{1,2})月?)?(?:[-./]?(\d{1,2})日?)?\s*")


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
    secrecy: str = Secrecy.NONE.value
    trade_secrecy: str = TradeSecrecy.NONE.value
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
        """As typed: blanks at the ends dropped, the date brought to eight digits, an empty year taken from the date."""
        texts = {name: _CONTROL.sub(" ", form.get(name, "")).strip() for name in _TEXTS}
        texts["date"] = _eight_digits(texts["date"])
        year = form.get("year", "").strip() or texts["date"][:4]
        return cls(
            **texts,
            year=int(year) if re.fullmatch(r"[0-9]{4}", year) else 0,
            retention=form.get("retention", ""),
            control=form.get("control", ""),
            secrecy=form.get("secrecy", Secrecy.NONE.value),
            trade_secrecy=form.get("trade_secrecy", ""),
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
        trade_secrecy=_TRADE.get(read.get("secrecy", "")[:4], TradeSecrecy.NONE).value,
        electronic_only=electronic_only,
    )


def unit_of_issuer(issuer: str, units: Mapping[str, str]) -> str:
    """The id of the department whose name (id -> name) ends the issuer's, else an empty text."""
    found = [(len(name), unit_id) for unit_id, name in units.items() if name and issuer.endswith(name)]
    return max(found)[1] if found else ""


def problems(fields: DraftFields, max_secrecy: str = Secrecy.NONE) -> dict[str, str]:
    """What must be mended before this can be accepted: field -> message id, in the order of the form."""
    too_secret = _("本系统未获准存放这一密级的文件，请不要验收，立即报告安全保密管理员。")
    checks = (
        ("title", bool(fields.title), _("请填写题名。")),
        ("document_number", len(fields.document_number) <= 100, _("发文字号过长，请缩短。")),
        ("date", not fields.date or _is_date(fields.date), _("请按年月日填写日期，如 20210305；不详的月、日写 00。")),
        ("issuer", len(fields.issuer) <= 200, _("责任者过长，请缩短。")),
        ("unit_id", bool(fields.unit_id), _("请选择归档部门。")),
        ("year", 1000 <= fields.year <= 9999, _("请填写四位年度，如 2021。")),
        ("retention", fields.retention in set(Retention), _("请选择保管期限。")),
        ("control", fields.control in set(Control), _("请选择控制范围。")),
        ("secrecy", not exceeds(fields.secrecy, max_secrecy), too_secret),
        ("trade_secrecy", fields.trade_secrecy in set(TradeSecrecy), _("请选择商业秘密等级。")),
    )
    return {field: message for field, right, message in checks if not right}


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
