"""Rows as documents: whatever a column can hold comes back the same, on both databases, through JSON text."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Enum,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

from archive.catalogue.models import Item, Retention
from archive.platform.accounts.models import Clearance, Unit
from archive.platform.db import Database, UtcDateTime
from archive.platform.rows import RowError, document_of, key_column, row_document, row_values
from archive.platform.tables import Fate, tables_of
from tests.servers.postgres import fresh_database

#: What no database keeps as text: half a character, and on PostgreSQL the character 0.
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
#: Times with years of four digits in every zone.
_TIMES = st.datetimes(
    datetime(1000, 1, 3, tzinfo=UTC).replace(tzinfo=None),
    datetime(9999, 12, 28, tzinfo=UTC).replace(tzinfo=None),
    timezones=st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
_NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
_DOCUMENTS = st.dictionaries(
    _TEXT,
    st.recursive(
        st.none() | st.booleans() | _NUMBERS | _TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def _column_types() -> dict[str, TypeEngine[Any]]:
    """Every type that a column of a rebuilt table has, each once."""
    tables = tables_of(Fate.JOURNAL, Fate.OBJECT, Fate.TRAIL)
    return {repr(column.type): column.type for table in tables for column in table.columns}


_TYPES = list(_column_types().values())
_TABLE = Table(
    "every_type",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(f"needed_{number}", kind, nullable=False) for number, kind in enumerate(_TYPES)),
    *(Column(f"maybe_{number}", kind, nullable=True) for number, kind in enumerate(_TYPES)),
)


#: The first that fits counts.
_SORTS: list[tuple[type[TypeEngine[Any]], st.SearchStrategy[Any]]] = [
    (UtcDateTime, _TIMES),
    (JSON, _DOCUMENTS),
    (Boolean, st.booleans()),
    (BigInteger, st.integers(-(2**63), 2**63 - 1)),
    (Integer, st.integers(-(2**31), 2**31 - 1)),
    (Float, st.floats(allow_nan=False, allow_infinity=False, width=32)),
]


def _values(kind: TypeEngine[Any]) -> st.SearchStrategy[Any]:
    for sort, values in _SORTS:
        if isinstance(kind, sort):
            return values
    if isinstance(kind, Enum):
        return st.sampled_from(list(kind.enum_class or kind.enums))
    assert isinstance(kind, String), f"say here what a column of type {kind!r} can hold"
    return _TEXT.map(lambda text: text[: kind.length])


@st.composite
def _rows(draw: st.DrawFn) -> dict[str, Any]:
    row: dict[str, Any] = {"id": 1}
    for number, kind in enumerate(_TYPES):
        row[f"needed_{number}"] = draw(_values(kind))
        row[f"maybe_{number}"] = draw(st.none() | _values(kind))
    return row


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with one table, which has columns of every type that rebuilt tables have."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{Path(tmp_path_factory.mktemp('rows')) / 'a.db'}")
    else:
        with fresh_database(request.getfixturevalue("postgres_url")) as url:
            yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    opened = Database(url)
    _TABLE.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()


def _there_and_back(database: Database, values: dict[str, Any]) -> dict[str, Any]:
    """What the database has after these values were inserted."""
    with database.writing() as session:
        session.execute(delete(_TABLE))
        session.execute(insert(_TABLE).values(values))
    with database.reading() as session:
        return dict(session.execute(select(_TABLE)).mappings().one())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(row=_rows())
def test_round_trip(database: Database, row: dict[str, Any]) -> None:
    """A row, read, written as JSON text, read again and inserted again, is the same row with the same document."""
    kept = _there_and_back(database, row)
    assert kept == row
    document = json.loads(json.dumps(document_of(_TABLE, kept)))
    again = row_values(_TABLE, document)
    assert again == row
    assert {name: type(value) for name, value in again.items()} == {name: type(value) for name, value in kept.items()}
    assert document_of(_TABLE, _there_and_back(database, again)) == document


def test_document_of_a_mapped_row() -> None:
    """A loaded object and a selected row give the same document, with the names that the database has."""
    unit = Unit(id="u", code="BGS", name="办公室")
    assert row_document(unit) == {"id": "u", "parent_id": None, "code": "BGS", "name": "办公室", "closed_at": None}
    assert row_document(unit) == document_of(_table("unit"), vars(unit) | {"parent_id": None, "closed_at": None})
    assert key_column(_table("archival_code")).name == "code"


def test_other_versions_of_a_table() -> None:
    """A column that came later takes its default, one that is gone is left out; what cannot be guessed is refused."""
    document = {"id": "p", "login": "l", "name": "n", "unit_id": "u", "created_at": "2021-03-05T10:00:00.000001+08:00"}
    values = row_values(_table("person"), document | {"nickname": "x"})
    assert values["active"] is True
    assert values["clearance"] is Clearance.NONE
    assert values["created_at"] == datetime(2021, 3, 5, 2, 0, 0, 1, tzinfo=UTC)
    assert "nickname" not in values
    del document["unit_id"]
    with pytest.raises(RowError, match=r"person\.unit_id is missing"):
        row_values(_table("person"), document)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "eaten"),
        ("retention", None),
        ("year", "2021"),
        ("year", True),
        ("title", None),
        ("title", 7),
        ("accepted_at", "yesterday"),
        ("accepted_at", "2021-03-05T10:00:00"),
        ("accepted_at", 7),
    ],
)
def test_value_that_does_not_fit(column: str, value: object) -> None:
    """A value that the column cannot hold is refused with the column's name."""
    item = Item(
        **dict.fromkeys(("id", "fonds_id", "category_id", "unit_id", "accession", "title", "accepted_by"), "x"),
        year=2021,
        page_count=1,
        stored_version=1,
        accepted_at=datetime(2021, 3, 5, tzinfo=UTC),
        retention=Retention.PERMANENT,
    )
    document = {name: given for name, given in row_document(item).items() if given is not None}
    table = _table("item")
    row_values(table, document | {"state": "filed"})
    with pytest.raises(RowError, match=rf"item\.{column} cannot be"):
        row_values(table, document | {"state": "filed", column: value})


def _table(name: str) -> Table:
    (table,) = (table for table in tables_of(*Fate) if table.name == name)
    return table
