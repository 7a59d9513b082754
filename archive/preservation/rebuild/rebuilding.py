"""The rebuild itself: all rows in one transaction, so that the database is empty or whole; then the index.

Killed before the end of the transaction, the next call begins again; killed after it, the next call goes on. Nothing
else uses the archive meanwhile, so that the transaction may last as long as reading the store does.
"""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, inspect, literal, select, table
from sqlalchemy.orm import Session

from archive.catalogue.models import Item, ItemState, Tombstone
from archive.migrations import upgrade
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.db import Base, Database, UtcDateTime, change
from archive.platform.jobs.keeper import KEEPER_LOCK
from archive.platform.journal.models import JournalOutbox
from archive.platform.journal.reader import JournalState, read_state
from archive.platform.journal.snapshot import take_snapshot
from archive.platform.journal.writer import continue_journal, write_journal_now
from archive.platform.locks import exclusive
from archive.platform.outbox import CopyOutbox, IndexOutbox, StoreOutbox
from archive.platform.parts import Location, Parts, open_cipher
from archive.platform.scratch import scratch_folder
from archive.platform.tables import FATES, Fate, tables_of
from archive.preservation.rebuild.errors import RebuildError
from archive.preservation.rebuild.items import ItemLoader
from archive.preservation.rebuild.numbers import lift_counters, note_codes
from archive.preservation.rebuild.report import Matter, Report, TableLine
from archive.preservation.rebuild.rows import Rows
from archive.preservation.rebuild.trail import load_trail
from storage.errors import ObjectLockedError, StorageError
from storage.faults import fault_point
from storage.layout import Repository

__all__ = ["rebuild"]

#: Left in the folder while the database is whole and the index is not.
_UNFINISHED = "rebuild.json"


def rebuild(
    parts: Parts,
    actor: Actor,
    index: Callable[[Parts], int],
    advance: Callable[[int], None] = lambda _number: None,
) -> Report:
    """Make the archive again from its store; `index` fills the index from the database, `advance` hears of items.

    Raises RebuildError (there are rows already, or nothing to rebuild from), LockHeldError (a keeper runs),
    StoreUnavailableError, IndexUnavailableError.
    """
    with exclusive(parts.database, parts.settings.folder, KEEPER_LOCK):
        report = _unfinished(parts) or _rebuild_rows(parts, actor, advance)
        fault_point("rebuild.rows")
        _finish_removals(parts)
        if any(finding.matter is Matter.JOURNAL for finding in report.findings):
            _heal_journal(parts)
        index(parts)
        with parts.database.writing() as session:
            change(session, delete(IndexOutbox))
        fault_point("rebuild.index")
        _marker(parts).unlink(missing_ok=True)
    return report


# --- may it begin, or go on ---


def _unfinished(parts: Parts) -> Report | None:
    """What an earlier call did that was killed before the index was whole. Raises RebuildError."""
    occupied = _first_occupied(parts.database)
    if occupied is None:
        return None
    try:
        left = json.loads(_marker(parts).read_bytes())
        with parts.database.reading() as session:
            known = session.get(AuditEntry, left["entry"])
    except (OSError, ValueError, KeyError):
        known = None
    if known is None:
        raise RebuildError(
            f"the database holds rows already (in {occupied}), and a rebuild begins with an empty one: set the old one "
            "aside, or name a new one in DANGGUI_DATABASE, and do not run `danggui init` there"
        )
    return Report.of_document(left["report"])


def _first_occupied(database: Database) -> str | None:
    """A table of ours that has rows; asked of the database, whatever version its tables are of."""
    with database.engine.connect() as connection:
        for name in sorted(FATES.keys() & set(inspect(connection).get_table_names())):
            if connection.scalar(select(literal(1)).select_from(table(name)).limit(1)):
                return name
    return None


def _marker(parts: Parts) -> Path:
    return parts.settings.folder / _UNFINISHED


# --- the rows ---


def _rebuild_rows(parts: Parts, actor: Actor, advance: Callable[[int], None]) -> Report:
    report = Report()
    with scratch_folder(parts.settings) as scratch, read_state(parts.store, scratch) as state:
        if not state.segments:
            raise RebuildError(f"there is no journal in {parts.store.url}: is this the archive's store?")
        upgrade(parts.database)
        fault_point("rebuild.begun")
        _finish_commits(parts, report)
        with parts.database.writing() as session:
            _load(parts, session, state, report, actor, advance)
            _close(parts, session, state, report, actor)
            fault_point("rebuild.loaded")
    return report


def _finish_commits(parts: Parts, report: Report) -> None:
    """What was being written when the archive went down is finished or removed; a damaged object costs itself only."""
    for object_id in parts.repository.begun():
        try:
            parts.repository.recover(object_id)
        except StorageError as error:
            report.add(Matter.OBJECT, object_id, f"its last change cannot be finished: {error}")


def _finish_removals(parts: Parts) -> None:
    """What was destroyed leaves the store; the background work writes that down, and sees to the second store."""
    destroyed = select(StoreOutbox.item_id).join(Item, Item.id == StoreOutbox.item_id)
    with parts.database.reading() as session:
        removable = session.scalars(destroyed.where(Item.state == ItemState.DESTROYED)).all()
    for item_id in removable:
        with suppress(ObjectLockedError):  # a legal hold: the background work goes on trying
            parts.repository.remove(item_id, unlock=True)


def _heal_journal(parts: Parts) -> None:
    """Write every row once more, behind what is damaged, and a snapshot: the next rebuild does not meet the gap."""
    write_journal_now(parts)
    take_snapshot(parts)


def _load(
    parts: Parts,
    session: Session,
    state: JournalState,
    report: Report,
    actor: Actor,
    advance: Callable[[int], None],
) -> None:
    rows = Rows(session.connection(), report)
    items = ItemLoader(session, rows, report, advance)
    for finding in state.findings:
        report.add(Matter.JOURNAL, "journal", finding)
    before, after = _around_items()
    for name in before:
        rows.load(Base.metadata.tables[name], state.rows(name))
    load_trail(parts.store, rows, report)
    items.load_destroyed(state.rows(Tombstone.__tablename__))
    items.load(parts.repository, Location.PRIMARY)
    if Location.SECOND in parts.stores:
        place = parts.stores[Location.SECOND]
        items.load(Repository(place, open_cipher(parts.settings, place)), Location.SECOND)
    for name in after:
        rows.load(Base.metadata.tables[name], state.rows(name))
    # The triggers noted every row; the journal has them all, and is written anew where it is damaged.
    if not state.findings:
        change(session, delete(JournalOutbox))
    note_codes(session, report)
    lift_counters(session)
    items.enter_again(actor, parts)
    items.bury(parts.repository)
    items.tell_lost()
    _announce(session, items.removable, parts.clock())


def _around_items() -> tuple[list[str], list[str]]:
    """The journalled tables whose rows may go in before the items, and those that must go in after; parents first."""
    later = {Item.__tablename__}
    for one in tables_of(Fate.JOURNAL):
        if {key.column.table.name for key in one.foreign_keys} & later:
            later.add(one.name)
    names = [one.name for one in tables_of(Fate.JOURNAL)]
    return [name for name in names if name not in later], [name for name in names if name in later]


def _announce(session: Session, removable: Iterable[str], now: datetime) -> None:
    """What follows from the rows is looked at again: index and copies of every item, the removal of destroyed ones."""
    columns = ["id", "item_id", "created_at"]
    every = select(Item.id, Item.id.label("item_id"), literal(now, UtcDateTime()))
    session.execute(insert(IndexOutbox).from_select(columns, every))
    session.execute(insert(CopyOutbox).from_select(columns, every.where(Item.state != ItemState.DESTROYED)))
    session.add_all(StoreOutbox(item_id=item_id, created_at=now) for item_id in removable)


def _close(parts: Parts, session: Session, state: JournalState, report: Report, actor: Actor) -> None:
    """Let the journal go on from here, count, and leave word in case we are killed before the index is whole."""
    continue_journal(session, state, parts.clock())
    report.journal_until = state.complete_until
    report.items = session.scalar(select(func.count()).select_from(Item)) or 0
    numbers = {"items": report.items, "findings": len(report.findings), "trail": report.trail}
    record(session, parts.clock, actor, AuditAction.ARCHIVE_REBUILT, "archive", "archive", **numbers)
    session.flush()
    report.tables = [_line(session, state, name, fate) for name, fate in FATES.items()]
    ours = select(AuditEntry.id).where(AuditEntry.action == AuditAction.ARCHIVE_REBUILT)
    entry = session.scalar(ours.order_by(AuditEntry.id.desc()).limit(1))
    _leave_word(_marker(parts), {"entry": entry, "report": report.document()})


def _line(session: Session, state: JournalState, name: str, fate: Fate) -> TableLine:
    rows = session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) or 0
    return TableLine(name, fate, state.count(name) if fate is Fate.JOURNAL else None, rows)


def _leave_word(path: Path, document: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
