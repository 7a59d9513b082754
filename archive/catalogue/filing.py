"""Filing: how something accepted becomes an item, in numbered steps that may die anywhere and are simply done again.

1. `store_object`: originals and derivatives become version 1 of the stored object (`filing.staged`, `filing.stored`);
2. `enter_item`: one transaction makes the rows, the audit entry, both outbox rows, code and box (`filing.recorded`);
3. `write_descriptions`: what the database now knows becomes the next version of the object (`filing.described`), and
   the object of an item that was destroyed is removed;
4. the indexer, which lives elsewhere, empties the index outbox (`filing.indexed`).

The names in brackets are where crash tests kill the process. Whoever calls step 1 and 2 holds the item's lease.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.catalogue.access_copies import make_access_copies
from archive.catalogue.description import ADDRESS, describe, first_description
from archive.catalogue.events import EventOutcome, EventType, PreservationEvent, record_event
from archive.catalogue.item_facts import facts_of_item
from archive.catalogue.models import Item, ItemFile, ItemNote, ItemState, Page, PageTextVersion, TextOrigin
from archive.catalogue.new_item import NewFile, NewItem, NewPage
from archive.catalogue.secrecy import check_secrecy
from archive.catalogue.service import CatalogueService
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.away import is_away
from archive.platform.db import Clock
from archive.platform.delivery import DeliveryError
from archive.platform.guard import max_secrecy
from archive.platform.leases import Lease, LeaseHeldError, LeaseLostError, item_lease
from archive.platform.outbox import CopyOutbox, StoreOutbox
from archive.platform.parts import Location, Parts
from archive.platform.scratch import scratch_folder
from storage.errors import StoreUnavailableError
from storage.faults import fault_point
from storage.layout import Content

__all__ = ["enter_item", "store_object", "write_descriptions"]

log = logging.getLogger(__name__)


# --- 1. the object ---


def store_object(parts: Parts, new: NewItem, agent: str) -> None:
    """Make version 1 of the item's object; nothing to do if it is there.

    Raises InvalidError (above the secrecy that the archive is fit for), StorageError, UnreadableSourceError.
    """
    check_secrecy(new.secrecy, parts.settings.max_secrecy)
    parts.repository.recover(new.id)
    if parts.repository.exists(new.id):
        return
    with _originals(parts, new) as folder:
        changes: dict[str, Content | None] = {
            file.path: Content(folder / str(file.number), file.sha256, file.size) for file in new.files
        }
        now = parts.clock()
        copies = make_access_copies(new, folder)
        changes |= copies | first_description(new, copies, agent, now)
        fault_point("filing.staged")
        parts.repository.commit(new.id, 1, changes, message="accepted", user=agent, address=ADDRESS, created=now)
    fault_point("filing.stored")


@contextmanager
def _originals(parts: Parts, new: NewItem) -> Iterator[Path]:
    """A folder of its own with each original under its number."""
    with scratch_folder(parts.settings) as folder:
        for file in new.files:
            with parts.store.open(file.key) as source, (folder / str(file.number)).open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        yield folder


# --- 2. the rows ---


def enter_item(session: Session, clock: Clock, actor: Actor, new: NewItem, accession_year: int) -> Item:
    """Make the rows of an item, in the caller's transaction. Where its category says so it has its code and box after.

    Raises ConflictError when the box a person chose cannot take it, InvalidError above the secrecy that the archive is
    fit for.
    """
    check_secrecy(new.secrecy, max_secrecy(session))
    catalogue = CatalogueService(session, clock, actor)
    # The first row taken: from here on one item after the other, so that no two transactions wait for each other.
    accession = f"{accession_year}-{catalogue.next_number(f'accession-{accession_year}'):06}"
    item = _item(new, accession)
    session.add(item)
    session.flush()
    for file in new.files:
        _enter_file(session, clock, item, file)
    for note in new.notes:
        facts = {"kind": note.kind, "text": note.text, "made_by": note.made_by, "made_at": note.made_at}
        session.add(ItemNote(item_id=item.id, **facts))
    record(session, clock, actor, AuditAction.ITEM_ACCEPTED, "item", item.id, digests=[f.sha256 for f in new.files])
    catalogue.arrange(item, new.box_id)
    return item


def _item(new: NewItem, accession: str) -> Item:
    return Item(
        id=new.id,
        fonds_id=new.fonds_id,
        category_id=new.category_id,
        unit_id=new.unit_id,
        accession=accession,
        state=ItemState.ACCEPTED,
        title=new.title,
        document_number=new.document_number,
        issuer=new.issuer,
        addressee=new.addressee,
        date=new.date,
        year=new.year,
        retention=new.retention,
        secrecy=new.secrecy,
        trade_secrecy=new.trade_secrecy,
        control=new.control,
        page_count=sum(len(file.pages) for file in new.files),
        accepted_by=new.accepted_by,
        accepted_at=new.accepted_at,
        stored_version=1,
    )


def _enter_file(session: Session, clock: Clock, item: Item, file: NewFile) -> None:
    row = ItemFile(
        item_id=item.id,
        number=file.number,
        path=file.path,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        source_sha256=file.source_sha256,
    )
    session.add(row)
    session.flush()
    for page in file.pages:
        _enter_page(session, clock, row, page)


def _enter_page(session: Session, clock: Clock, file: ItemFile, page: NewPage) -> None:
    row = Page(
        item_id=file.item_id,
        number=page.number,
        file_id=file.id,
        source_page=page.source_page,
        rotation=page.rotation,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        blank=page.blank,
        fingerprint=page.fingerprint,
    )
    session.add(row)
    session.flush()
    readings = ((1, TextOrigin.MACHINE, page.text), (2, TextOrigin.HUMAN, page.corrected))
    for version, origin, text in readings:
        if text is not None:
            facts = {"page_id": row.id, "version": version, "origin": origin, "created_at": clock()}
            session.add(PageTextVersion(**facts, content=text.to_json()))


# --- 3. the description ---


def write_descriptions(parts: Parts) -> int:
    """Bring to the store what changed in the database, oldest first; returns how many items are done. For the keeper.

    An item whose object somebody else writes now waits. One that cannot be described does not hold up the others: when
    they are done, DeliveryError tells of it. Raises what `is_away` knows, such as StoreUnavailableError.
    """
    with parts.database.reading() as session:
        waiting = list(dict.fromkeys(session.scalars(select(StoreOutbox.item_id).order_by(StoreOutbox.id))))
    done, failed = 0, []
    for item_id in waiting:
        try:
            done += _describe_alone(parts, item_id)
        except Exception as error:
            if isinstance(error, StoreUnavailableError):
                # So speaks a bad sector, too. Only where the store is really away, which its probe says, all wait.
                parts.store.probe()
            elif is_away(error):
                raise
            log.exception("item %s cannot be described in the store", item_id)
            failed.append(item_id)
    if failed:
        raise DeliveryError(failed)
    return done


def _describe_alone(parts: Parts, item_id: str) -> bool:
    """False if somebody else writes the item's object, or took over while we did."""
    try:
        with item_lease(parts.database, parts.clock, item_id) as lease:
            _describe(parts, lease)
    except (LeaseHeldError, LeaseLostError):
        return False
    return True


def _describe(parts: Parts, lease: Lease) -> None:
    with parts.database.reading() as session:
        # The rows first, the state after: what changes in between has a row of its own that stays.
        rows = list(session.scalars(select(StoreOutbox.id).where(StoreOutbox.item_id == lease.item_id)))
        facts = facts_of_item(session, lease.item_id)
    destroyed = facts is not None and facts.item.state is ItemState.DESTROYED
    head = 0
    if destroyed:
        parts.repository.remove(lease.item_id, unlock=True)
    elif facts is not None:
        head = describe(parts, facts)
    fault_point("filing.described")
    with parts.database.writing() as session:
        lease.check(session)
        item = session.get(Item, lease.item_id)
        if destroyed:
            _record_deletion(session, parts.clock, lease.item_id)
        elif item is not None and item.state is not ItemState.DESTROYED:
            item.stored_version = head
        if item is not None:
            session.add(CopyOutbox(item_id=item.id, created_at=parts.clock()))
        session.execute(delete(StoreOutbox).where(StoreOutbox.id.in_(rows)))


def _record_deletion(session: Session, clock: Clock, item_id: str) -> None:
    """Once, however often the item is announced."""
    here = (PreservationEvent.item_id == item_id, PreservationEvent.location == Location.PRIMARY)
    if session.scalar(select(PreservationEvent.id).where(*here, PreservationEvent.type == EventType.DELETION)) is None:
        place = Location.PRIMARY
        record_event(session, clock, EventType.DELETION, EventOutcome.SUCCESS, item_id=item_id, location=place)
