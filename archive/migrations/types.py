"""How column types are written into migrations and compared with a database."""

from typing import Any, Literal

from sqlalchemy.types import TypeEngine

from archive.platform.db import UtcDateTime

__all__ = ["render_type", "type_differs"]


def render_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name plain column types: ours may move."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def type_differs(_context: Any, _inspected: Any, _column: Any, inspected: TypeEngine[Any], wanted: Any) -> bool | None:
    """Whether a type differs (None: let Alembic see). SQLite keeps no zones: times look different there and are not."""
    if isinstance(wanted, UtcDateTime):
        return "DATE" not in str(inspected).upper() and "TIMESTAMP" not in str(inspected).upper()
    return None
