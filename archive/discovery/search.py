"""What each record puts into the index: catalogue line, values for facets, page texts, and who may know them."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from archive.catalogue.models import ArchivalCode, Item, Page
from archive.catalogue.service import current_words, facts
from archive.platform.guard import audience, max_secrecy
from archive.platform.secrecy_levels import exceeds
from search.interface import IndexDocument

__all__ = ["build_documents"]


def build_documents(session: Session, item_ids: Iterable[str]) -> list[IndexDocument]:
    """The documents of these items as the database knows them now.

    Items that are gone or destroyed have none, nor those above the secrecy that the installation is fit for: whoever
    indexes deletes every id that did not come back.
    """
    wanted = list(item_ids)
    items = session.scalars(
        select(Item)
        .where(Item.id.in_(wanted))
        .options(joinedload(Item.fonds), joinedload(Item.category), joinedload(Item.unit))
        .options(selectinload(Item.pages).selectinload(Page.texts))
    )
    codes = _codes(session, wanted)
    limit = max_secrecy(session)
    kept = (item for item in items if not facts(item).destroyed and not exceeds(item.secrecy, limit))
    return [_document(item, codes.get(item.id, [])) for item in kept]


def _codes(session: Session, item_ids: list[str]) -> dict[str, list[str]]:
    """Every code an item has or once had: the old one still finds it."""
    found: dict[str, list[str]] = {}
    # The present one first: it is the one that lists are sorted by.
    order = (ArchivalCode.current.desc(), ArchivalCode.given_at)
    for row in session.scalars(select(ArchivalCode).where(ArchivalCode.item_id.in_(item_ids)).order_by(*order)):
        found.setdefault(row.item_id, []).append(row.code)
    return found


def _document(item: Item, codes: list[str]) -> IndexDocument:
    know, read = audience(facts(item))
    return IndexDocument(
        id=item.id,
        catalogue=_catalogue_line(item, codes),
        facets={
            "fonds": (item.fonds.code,),
            "category": (item.category_id,),
            "year": (str(item.year),),
            "department": (item.unit.code,),
            "control": (item.control.value,),
            "retention": (item.retention.value,),
        },
        pages=tuple(current_words(page) for page in item.pages),
        know=know,
        read=read,
        date=item.date,
    )


def _catalogue_line(item: Item, codes: list[str]) -> dict[str, str]:
    return {
        "title": item.title,
        "code": " ".join(codes) or item.accession,
        "document_number": item.document_number,
        "issuer": item.issuer,
        "addressee": item.addressee,
        "department": item.unit.name,
    }
