"""An item with all its facts, in memory: for what is made from them without a database."""

from datetime import UTC, datetime
from typing import Any

from archive.catalogue.item_facts import ItemFacts
from archive.catalogue.models import (
    Category,
    Control,
    Fonds,
    Item,
    ItemFile,
    ItemState,
    Retention,
    Secrecy,
    TradeSecrecy,
)
from archive.catalogue.stored_object import ACCESS_PDF, ALTO, PAGE_TEXTS, Derived, Ingestion
from archive.platform.accounts.models import Unit
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry

__all__ = ["AT", "DERIVED", "INGESTION", "item_facts"]

AT = datetime(2021, 3, 5, 2, tzinfo=UTC)
INGESTION = Ingestion(AT.isoformat(), "沈鉴", "danggui 0.1.0")
DERIVED = {path: Derived.of_bytes(path, path.encode()) for path in (ACCESS_PDF, ALTO, PAGE_TEXTS)}
_ITEM = "01a1fc95-0000-7000-8000-000000000001"


def item_facts(*, names: tuple[str, ...] = ("卷一.tif",), **changes: Any) -> ItemFacts:
    """A numbered item with a file of each of these names; `changes` replace its own columns."""
    columns: dict[str, Any] = {
        "id": _ITEM,
        "unit_id": "unit-1",
        "code": "Z109-WS·2021-Y-CWB-0001",
        "accession": "2021-000001",
        "state": ItemState.FILED,
        "title": "关于印发《差旅费管理办法》的通知",
        "document_number": "江海〔2021〕12号",
        "issuer": "江海实业集团有限公司",
        "addressee": "各部门",
        "date": "20210305",
        "year": 2021,
        "retention": Retention.PERMANENT,
        "secrecy": Secrecy.NONE,
        "trade_secrecy": TradeSecrecy.NONE,
        "control": Control.INTERNAL,
        "page_count": 2,
        "accepted_by": "person-1",
        "accepted_at": AT,
    }
    fonds = Fonds(code="Z109", name="江海实业集团有限公司")
    pattern = "{fonds}-{category}·{year}-{retention}-{unit}-{number:04}"
    item = Item(
        **columns | changes,
        fonds=fonds,
        category=Category(fonds=fonds, code="WS", name="文书", code_pattern=pattern),
        unit=Unit(id="unit-1", code="CWB", name="财务部"),
        box=None,
        files=[
            ItemFile(
                number=number,
                path=f"content/{number:04}.tif",
                name=name,
                media_type="image/tiff",
                size=1000 + number,
                sha256=f"{number:064}",
            )
            for number, name in enumerate(names, start=1)
        ],
    )
    acts = [
        _act(AuditAction.ITEM_ACCEPTED, "person-1", digests=["00"]),
        _act(AuditAction.CODE_GIVEN, None, code=str(item.code)),
    ]
    return ItemFacts(item, {"accepted_by": "沈鉴"}, {}, acts, [])


def _act(action: AuditAction, person_id: str | None, **details: Any) -> AuditEntry:
    name = "沈鉴" if person_id else "system"
    entry_id = f"act-{action.value}"
    return AuditEntry(id=entry_id, at=AT, action=action.value, actor_id=person_id, actor_name=name, details=details)
