"""The database: one code path for SQLite and PostgreSQL, typed columns, and two ways in: reading and writing.

On SQLite a writing transaction begins with `BEGIN IMMEDIATE`, so that two writers queue instead of failing half-way.
No network, file or recognition work belongs inside a transaction.
"""

import enum
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, cast

import uuid_utils
from sqlalchemy import (
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    ForeignKey,
    MetaData,
    String,
    TypeDecorator,
    UpdateBase,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

from archive.platform.json_text import of_json, to_json

__all__ = [
    "Base",
    "Clock",
    "Database",
    "Id",
    "UtcDateTime",
    "change",
    "connect_arguments",
    "enum_type",
    "insert_once",
    "new_id",
    "reference",
    "utc_now",
]

Clock = Callable[[], datetime]

#: PostgreSQL asks a silent client, and we a silent server, after so many seconds, so often, so many times: a machine
#: whose cable came out then holds nothing any more. Unasked, what it locked stays locked for hours.
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


def utc_now() -> datetime:
    """The clock that is passed in outside of tests: now, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A new UUIDv7 as text: unique, and ordered by the time it was made."""
    return str(uuid_utils.uuid7())


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python on every database; a naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To the database, in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From the database; SQLite forgets the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables, with named constraints so that migrations stay readable."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}


Id = Annotated[str, mapped_column(String(36), primary_key=True, default=new_id)]


def reference(target: str, **options: Any) -> Any:
    """A column that holds the id of a row of another table, e.g. `reference("person.id")`."""
    return mapped_column(String(36), ForeignKey(target), **options)


def enum_type(kind: type[enum.StrEnum]) -> Enum:
    """Enumerations are kept as their values, in plain text, on every database."""
    return Enum(kind, values_callable=lambda e: [m.value for m in e], native_enum=False, length=32)


def insert_once(session: Session, table: type[Base], unique: str, **values: Any) -> bool:
    """Insert a row unless one with the same `unique` column is there; True if it was inserted. Safe among writers."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing(index_elements=[unique])
    # Counting rows is not enough: of an insert not every driver says how many there were.
    return session.execute(statement.returning(getattr(table, unique))).first() is not None


def change(session: Session, statement: UpdateBase) -> int:
    """Carry out an UPDATE or DELETE; returns how many rows it met."""
    # Objects already loaded are not brought up to date: rows met this way are read afresh, if at all.
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


def connect_arguments(url: str) -> dict[str, Any]:
    """What every connection to this database is made with, beside what its URL says."""
    if url.startswith("sqlite"):
        return {}
    asks = " ".join(f"-c tcp_{name}={value}" for name, value in _KEEPALIVES.items())
    given = make_url(url).query.get("options", "")
    return {**_KEEPALIVES, "options": f"{given} {asks}".lstrip()}


class Database:
    """Opens sessions. `reading()` never writes; `writing()` commits when its block ends well, else rolls back.

    Every session carries `max_secrecy`, so that no guard can be made without it.
    """

    def __init__(self, url: str, max_secrecy: str = "none") -> None:
        self.url = url
        self.engine: Engine = create_engine(
            url,
            connect_args=connect_arguments(url),
            pool_pre_ping=not url.startswith("sqlite"),
            json_serializer=to_json,
            json_deserializer=of_json,
        )
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _set_up_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        info = {"max_secrecy": max_secrecy}
        self._reading = sessionmaker(self.engine, expire_on_commit=False, info=info)
        writing = self.engine.execution_options(danggui_writes=True)
        self._writing = sessionmaker(writing, expire_on_commit=False, info=info)

    def session(self, *, writes: bool) -> Session:
        """A new session; the caller ends it. The web front end binds it to the request's transaction."""
        return self._writing() if writes else self._reading()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading."""
        with self._reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction."""
        with self._writing.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _set_up_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver's own BEGIN is switched off so that _begin_sqlite can choose the kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    # Recursive triggers: otherwise a row that an INSERT OR REPLACE puts aside is deleted without its trigger.
    modes = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON")
    for pragma in ("busy_timeout=30000", *modes):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("danggui_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
