"""Which steps a reading has to pass: one small table, control × own or other department → steps.

An empty chain means that no approval is needed. Records that a person may not know of have no row: he cannot ask.
"""

import enum

from archive.platform.accounts.models import Role
from archive.platform.approval.workflow import StepSpec
from archive.platform.reading_rule import RecordFacts

__all__ = ["Asked", "Circle", "reading_chain"]


class Circle(enum.StrEnum):
    """Whose the record is, seen from the applicant."""

    OWN = "own"
    OTHER = "other"


class Asked(enum.StrEnum):
    """What is asked for."""

    VIEW = "view"  #: read on screen, view-only


#: 部门负责人, of the department that owns the record
_HEAD = Role.DEPARTMENT_HEAD
_IN_OWNING_UNIT = frozenset({_HEAD})

_RESTRICTED = (_HEAD, Role.OFFICE_DIRECTOR, Role.ARCHIVIST)

_TABLE: dict[tuple[str, Circle, Asked], tuple[Role, ...]] = {
    ("public", Circle.OWN, Asked.VIEW): (),
    ("public", Circle.OTHER, Asked.VIEW): (),
    ("internal", Circle.OWN, Asked.VIEW): (),
    ("internal", Circle.OTHER, Asked.VIEW): (_HEAD, Role.ARCHIVIST),
    ("restricted", Circle.OWN, Asked.VIEW): _RESTRICTED,
    ("restricted", Circle.OTHER, Asked.VIEW): _RESTRICTED,
}


def reading_chain(record: RecordFacts, applicant_unit_id: str, asked: Asked = Asked.VIEW) -> tuple[StepSpec, ...]:
    """The steps for one record. A record whose control is unknown here is treated as restricted."""
    circle = Circle.OWN if record.unit_id == applicant_unit_id else Circle.OTHER
    roles = _TABLE[_control(record), circle, asked]
    return tuple(StepSpec(role, record.unit_id if role in _IN_OWNING_UNIT else None) for role in roles)


def _control(record: RecordFacts) -> str:
    """The row of the table: the highest of the record's fields wins."""
    if record.trade_secrecy != "none" or record.secrecy != "none" or record.control not in {"public", "internal"}:
        return "restricted"
    return record.control
