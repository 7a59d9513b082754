"""Works off the index outbox, and fills a fresh index. (The store outbox is worked off where objects are written.)

A row is deleted, by its own id, after the index has committed; a row that came meanwhile for the same item stays and is
worked off in its turn. One item that cannot be delivered does not hold up the others.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.platform.away import is_away
from archive.platform.db import change
from archive.platform.outbox import IndexOutbox
from archive.platform.parts import Parts
from search.interface import IndexDocument, IndexWriter
from storage.faults import fault_point

__all__ = ["DeliveryError", "IndexBuilder", "ItemIds", "drain_index", "reindex"]

log = logging.getLogger(__name__)

#: Items in one commit of the index.
BATCH = 2000
#: Items in memory at a time, with the texts of all their pages, while a fresh index is filled.
_READ_AT_ONCE = 100

#: Documents of those items that belong in the index, as they are now; an item without a document is removed from it.
IndexBuilder = Callable[[Session, Sequence[str]], Iterable[IndexDocument]]

#: The ids of all items that may belong in the index.
ItemIds = Callable[[Session], Iterable[str]]


class DeliveryError(Exception):
    """Some items could not be delivered, through a mistake of ours that the log tells; their rows wait."""

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(f"{len(items)} items could not be delivered, the first is {items[0]}")
        self.items = items


def drain_index(parts: Parts, build: IndexBuilder) -> int:
    """Bring every waiting item into the index; returns how many rows were worked off.

    Raises IndexBusyError while another process writes the index, IndexUnavailableError, DeliveryError; the rows wait.
    """
    done = 0
    if not _waiting(parts, 1):
        return done
    with parts.index.writer() as writer:
        while rows := _waiting(parts, BATCH):
            try:
                _index_rows(parts, build, writer, rows)
            except Exception as error:
                if is_away(error):
                    raise
                _index_singly(parts, build, writer, rows)
            done += len(rows)
    return done


def _index_rows(parts: Parts, build: IndexBuilder, writer: IndexWriter, rows: Sequence[tuple[str, str]]) -> None:
    # The state is read after the rows: it is at least as new as what they announce.
    _index(parts, build, writer, list(dict.fromkeys(item_id for _, item_id in rows)))
    fault_point("filing.indexed")
    _delete(parts, [row for row, _ in rows])


def _index_singly(parts: Parts, build: IndexBuilder, writer: IndexWriter, rows: Sequence[tuple[str, str]]) -> None:
    """One item of the batch stands in the way of the others: find it."""
    failed = []
    for row in rows:
        try:
            _index_rows(parts, build, writer, [row])
        except Exception as error:
            if is_away(error):
                raise
            log.exception("item %s cannot be indexed", row[1])
            failed.append(row[1])
    if failed:
        raise DeliveryError(failed)


def _index(parts: Parts, build: IndexBuilder, writer: IndexWriter, items: Sequence[str]) -> None:
    with parts.database.reading() as session:
        documents = list(build(session, items))
    present = {document.id for document in documents}
    writer.write(documents, deleted=[item for item in items if item not in present])


def reindex(
    parts: Parts, build: IndexBuilder, ids: ItemIds, on_progress: Callable[[int], None] = lambda _number: None
) -> int:
    """Fill a fresh index beside the present one and switch; returns how many items were read.

    What changes meanwhile waits in the outbox. Raises IndexBusyError, IndexUnavailableError; then the old index stays.
    """
    with parts.database.reading() as session:
        items = list(ids(session))
    with parts.index.rebuild() as writer:
        for batch in _batches(items, _READ_AT_ONCE):
            _index(parts, build, writer, batch)
            on_progress(len(batch))
    return len(items)


def _batches(items: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _waiting(parts: Parts, limit: int) -> list[tuple[str, str]]:
    with parts.database.reading() as session:
        rows = session.execute(select(IndexOutbox.id, IndexOutbox.item_id).order_by(IndexOutbox.id).limit(limit))
        return [(row, item_id) for row, item_id in rows]


def _delete(parts: Parts, rows: Sequence[str]) -> None:
    with parts.database.writing() as session:
        change(session, delete(IndexOutbox).where(IndexOutbox.id.in_(rows)))
