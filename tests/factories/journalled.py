"""What must be true of every journal: read from the store alone it gives what the database has."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from archive.platform.journal.reader import JournalState, read_state
from archive.platform.parts import Parts
from archive.platform.rows import document_of, key_column
from archive.platform.tables import Fate, tables_of

__all__ = ["agreement", "state_of"]


@contextmanager
def state_of(parts: Parts) -> Iterator[JournalState]:
    """What the store knows."""
    with read_state(parts.store, parts.settings.folder) as state:
        yield state


def agreement(parts: Parts) -> JournalState:
    """Assert that the store knows every row of every journalled table as the database has it, field by field."""
    with state_of(parts) as state, parts.database.reading() as session:
        for table in tables_of(Fate.JOURNAL):
            rows = session.execute(select(table).order_by(key_column(table))).mappings()
            assert list(state.rows(table.name)) == [document_of(table, row) for row in rows], table.name
            assert state.count(table.name) == session.scalar(select(func.count()).select_from(table))
        return state
