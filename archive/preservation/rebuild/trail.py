"""The audit trail again, from its sealed segments. What does not continue the chain is entered, and told."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from archive.platform.audit.chain import GENESIS, link_digest
from archive.platform.audit.models import AuditEntry, AuditLink, AuditSegment
from archive.platform.audit.sealer import SEGMENTS
from archive.platform.db import Base
from archive.platform.rows import row_values
from archive.preservation.rebuild.report import Matter, Report
from archive.preservation.rebuild.rows import Group, Rows
from storage.errors import StorageError, StoreUnavailableError
from storage.interface import ObjectStore, StoredObject

__all__ = ["load_trail"]

_ENTRY = Base.metadata.tables[AuditEntry.__tablename__]


def load_trail(store: ObjectStore, rows: Rows, report: Report) -> None:
    """Read the segments in their order, one in memory at a time. Raises StoreUnavailableError."""
    sequence, digest = 0, GENESIS
    for stored in store.list(SEGMENTS):
        segment = _Segment(stored, sequence, digest)
        for _, why in rows.insert(list(segment.groups(store))):
            report.add(Matter.TRAIL, stored.key, why)
        if segment.flaw:
            report.add(Matter.TRAIL, stored.key, segment.flaw)
        sequence, digest = segment.sequence, segment.digest
        report.trail += segment.entries
        report.trail_until = segment.until or report.trail_until


class _Segment:
    """One object of sealed entries, read from where the one before it ended."""

    def __init__(self, stored: StoredObject, sequence: int, digest: str) -> None:
        self._stored = stored
        self._first = 0
        self.sequence, self.digest = sequence, digest
        self.entries, self.flaw = 0, ""
        self.until: datetime | None = None

    def groups(self, store: ObjectStore) -> Iterator[Group]:
        """The rows of each entry with its link, last the segment's own."""
        try:
            data = store.read(self._stored.key)
        except StorageError as error:
            if isinstance(error, StoreUnavailableError):
                store.stat(self._stored.key)  # raises where it is not one segment, but the store that cannot be read
            self.flaw = f"the segment cannot be read: {error}"
            return
        for text in data.splitlines():
            try:
                yield self._group(json.loads(text))
            except (ValueError, KeyError, TypeError):
                self.flaw = f"the segment cannot be read after entry {self.sequence}"
                break
        if self.entries:
            yield {AuditSegment.__tablename__: [self._row(hashlib.sha256(data).hexdigest())]}

    def _group(self, line: dict[str, Any]) -> Group:
        sequence, previous, digest = line["sequence"], line["previous"], line["digest"]
        entry = row_values(_ENTRY, line["entry"])
        continues = (sequence, previous) == (self.sequence + 1, self.digest)
        if not continues or link_digest(previous, line["entry"]) != digest:
            self.flaw = self.flaw or f"the chain breaks at entry {sequence}"
        self._first = self._first or sequence
        self.sequence, self.digest, self.until = sequence, digest, entry["at"]
        self.entries += 1
        link = {"sequence": sequence, "entry_id": entry["id"], "previous": previous, "digest": digest}
        # When an entry was sealed stands nowhere in the store; it was before its segment was written.
        return {_ENTRY.name: [entry], AuditLink.__tablename__: [link | {"sealed_at": self._stored.modified}]}

    def _row(self, sha256: str) -> dict[str, Any]:
        return {
            "first": self._first,
            "last": self.sequence,
            "digest": self.digest,
            "key": self._stored.key,
            "sha256": sha256,
            "written_at": self._stored.modified,
        }
