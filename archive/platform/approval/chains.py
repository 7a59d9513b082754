"""Which steps something asked for has to pass: a table, what is asked × class of the record × whose it is × purpose.

The table is edited by the security administrator; until then, and as its beginning, SHIPPED holds. An empty chain means
that it is registered and no approval is needed.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person, Role
from archive.platform.approval.models import ChainRule, ChainVersion
from archive.platform.approval.workflow import StepSpec
from archive.platform.reading_rule import RecordFacts

__all__ = [
    "SHIPPED",
    "Asked",
    "Circle",
    "Control",
    "Place",
    "Row",
    "RuleStep",
    "chain_for",
    "class_of",
    "current_table",
    "row_for",
    "specs_of",
    "table_of",
]


class Circle(enum.StrEnum):
    """Whose the record is, seen from the applicant."""

    OWN = "own"
    OTHER = "other"


class Asked(enum.StrEnum):
    """What is asked for."""

    VIEW = "view"  #: read on screen, view-only
    PAPER = "paper"  #: read the original in the reading room
    COPY = "copy"  #: a numbered copy or extract
    CERTIFICATE = "certificate"  #: a certificate of what the record says
    DOWNLOAD = "download"  #: the scan itself, to take away


class Control(enum.StrEnum):
    """The class of a record: the highest of its fields."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"  #: work secrets and trade secrets
    SECRET = "secret"  #: 秘密  # noqa: S105 - a level of secrecy
    CONFIDENTIAL = "confidential"  #: 机密
    TOP_SECRET = "top_secret"  #: 绝密  # noqa: S105


class Place(enum.StrEnum):
    """Where the holder of a role has to be."""

    ANYWHERE = "anywhere"
    OWNING = "owning"  #: in the department that owns the record
    APPLICANT = "applicant"  #: in the applicant's department


@dataclass(frozen=True, slots=True)
class RuleStep:
    """One step of a row: a role in its place, or a post, or a person (ids); any of them or all; days it may take."""

    role: Role | None = None
    place: Place = Place.ANYWHERE
    post_id: str | None = None
    person_id: str | None = None
    all_of: bool = False
    days: int | None = None

    def spec(self, owning_unit_id: str, applicant_unit_id: str) -> StepSpec:
        """The step for one record and one applicant."""
        units = {Place.OWNING: owning_unit_id, Place.APPLICANT: applicant_unit_id}
        unit_id = units.get(self.place) if self.role else None
        return StepSpec(self.role, self.post_id, self.person_id, unit_id, self.all_of, self.days)

    def to_json(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {
            "role": self.role,
            "place": self.place,
            "post": self.post_id,
            "person": self.person_id,
            "all": self.all_of,
            "days": self.days,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "RuleStep":
        """What a row keeps."""
        role = Role(kept["role"]) if kept["role"] else None
        return cls(role, Place(kept["place"]), kept["post"], kept["person"], kept["all"], kept["days"])


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of the table is for; without a purpose it is for any that has no row of its own."""

    asked: Asked
    control: Control
    circle: Circle
    purpose: str = ""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Rows in the order in which they are read: the open records first, the own department's before another's."""
        asked, control, circle = list(Asked), list(Control), list(Circle)
        return asked.index(self.asked), control.index(self.control), circle.index(self.circle), self.purpose


Table = dict[Row, tuple[RuleStep, ...]]

_HEAD = RuleStep(Role.DEPARTMENT_HEAD, Place.OWNING)
_DIRECTOR = RuleStep(Role.OFFICE_DIRECTOR)
_LEADER = RuleStep(Role.LEADER)
_ARCHIVIST = RuleStep(Role.ARCHIVIST)


def _within(step: RuleStep, days: int, *, all_of: bool = False) -> RuleStep:
    return RuleStep(step.role, step.place, days=days, all_of=all_of)


#: class, own department's and another's: to read on screen
_VIEW: dict[Control, tuple[tuple[RuleStep, ...], tuple[RuleStep, ...]]] = {
    Control.PUBLIC: ((), ()),
    Control.INTERNAL: ((), (_HEAD, _ARCHIVIST)),
    Control.RESTRICTED: ((_HEAD, _DIRECTOR, _ARCHIVIST),) * 2,
}
#: the original in the room: registered only in the own department; of another one its head and a leader agree
_PAPER: dict[Control, tuple[tuple[RuleStep, ...], tuple[RuleStep, ...]]] = {
    Control.PUBLIC: ((), ()),
    Control.INTERNAL: ((), (_HEAD, _LEADER, _ARCHIVIST)),
    Control.RESTRICTED: ((_HEAD, _DIRECTOR, _ARCHIVIST), (_HEAD, _LEADER, _DIRECTOR, _ARCHIVIST)),
}
#: whatever is taken away has an approval of its own
_TAKEN_AWAY: dict[Control, tuple[tuple[RuleStep, ...], tuple[RuleStep, ...]]] = {
    Control.PUBLIC: ((_ARCHIVIST,), (_ARCHIVIST,)),
    Control.INTERNAL: ((_HEAD, _ARCHIVIST), (_HEAD, _LEADER, _ARCHIVIST)),
    Control.RESTRICTED: ((_HEAD, _DIRECTOR, _ARCHIVIST), (_HEAD, _LEADER, _DIRECTOR, _ARCHIVIST)),
}
#: for installations declared fit for state secrets; the same whatever is asked and by whom
_SECRETS: dict[Control, tuple[RuleStep, ...]] = {
    Control.SECRET: (_HEAD, _DIRECTOR),
    Control.CONFIDENTIAL: (_within(_DIRECTOR, 1), _within(_HEAD, 2), _within(_LEADER, 2)),
    Control.TOP_SECRET: (_within(_HEAD, 1), _within(_DIRECTOR, 1), _within(_LEADER, 1, all_of=True)),
}


def _shipped() -> Table:
    ways = {Asked.VIEW: _VIEW, Asked.PAPER: _PAPER}
    table: Table = {}
    for asked in Asked:
        for control, chains in ways.get(asked, _TAKEN_AWAY).items():
            table.update({Row(asked, control, c): chain for c, chain in zip(Circle, chains, strict=True)})
        for control, chain in _SECRETS.items():
            table.update({Row(asked, control, circle): chain for circle in Circle})
    return table


#: the table as it comes
SHIPPED: Table = _shipped()


def chain_for(
    session: Session, record: RecordFacts, applicant: Person, purpose: str, asked: Asked
) -> tuple[StepSpec, ...]:
    """The steps for one record, by the table as it is now; none: no approval is needed."""
    table = current_table(session)
    steps = table[row_for(table, asked, class_of(record), _circle(record.unit_id, applicant.unit_id), purpose)]
    return specs_of(steps, record.unit_id, applicant.unit_id)


def specs_of(steps: Iterable[RuleStep], owning_unit_id: str, applicant_unit_id: str) -> tuple[StepSpec, ...]:
    """The steps of a row for one record and one applicant."""
    return tuple(step.spec(owning_unit_id, applicant_unit_id) for step in steps)


def row_for(table: Table, asked: Asked, control: Control, circle: Circle, purpose: str) -> Row:
    """The row that holds: the purpose's own, else the one for any purpose."""
    own = Row(asked, control, circle, purpose.strip())
    return own if own in table else Row(asked, control, circle)


def class_of(record: RecordFacts) -> Control:
    """The class of a record. What is unknown here is treated as restricted."""
    if record.secrecy != "none":
        return Control(record.secrecy) if record.secrecy in _SECRETS else Control.TOP_SECRET
    if record.trade_secrecy != "none" or record.control not in {"public", "internal"}:
        return Control.RESTRICTED
    return Control(record.control)


def current_table(session: Session) -> Table:
    """The table that holds now: SHIPPED, with what the last version says in the place of its rows."""
    version = session.scalar(select(ChainVersion).order_by(ChainVersion.number.desc()).limit(1))
    return table_of(version.rules) if version else SHIPPED


def table_of(rules: Iterable[ChainRule]) -> Table:
    """The table of one version. A row it lacks is as it comes: nothing that can be asked for is without one."""
    said = {
        Row(Asked(rule.asked), Control(rule.control), Circle(rule.circle), rule.purpose): tuple(
            RuleStep.from_json(step) for step in rule.steps
        )
        for rule in rules
    }
    return {**SHIPPED, **said}


def _circle(owning_unit_id: str, applicant_unit_id: str) -> Circle:
    return Circle.OWN if owning_unit_id == applicant_unit_id else Circle.OTHER
