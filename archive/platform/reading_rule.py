"""The rule of reading, pure: facts of person and record and his running grants in, decision out.

Everything rests on two sets of tokens, one of the record (`audience`) and one of the person (`tokens_of`). The index
matches the same tokens inside its queries, so a search can never say more than the guard.

| record                        | knows of it                | reads it without a grant |
|-------------------------------|----------------------------|--------------------------|
| 公开 public                   | every employee             | every employee           |
| 内部 internal                 | every employee             | its own department       |
| 工作秘密, 商业秘密 restricted | its department, archivists | nobody                   |
| 国家秘密, destroyed           | nobody                     | nobody                   |

An employee is whoever may search; the three administrators are none, and an archivist reads nothing by his office.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.grants import Grant, GrantKind

__all__ = ["Act", "Decision", "Reason", "RecordFacts", "audience", "rule", "tokens_of"]

_NONE = "none"
_EMPLOYEE = "employee"
_ARCHIVIST = "archivist"
_NOBODY: frozenset[str] = frozenset()

Audience = tuple[frozenset[str], frozenset[str]]


class Act(enum.StrEnum):
    """What somebody wants with a record."""

    KNOW = "know"  #: see its catalogue line
    READ = "read"  #: see its pages and text, view-only
    DOWNLOAD = "download"  #: take a copy away


class Reason(enum.StrEnum):
    """Why the guard decided as it did."""

    KNOWN = "known"  #: its catalogue line is open to him
    PUBLIC = "public"  #: 公开: open to every employee
    OWN_UNIT = "own_unit"  #: his own department's record
    GRANT = "grant"  #: an approved request runs now
    TASK = "task"  #: an archivist's named task
    NOT_APPROVED = "not_approved"
    NOT_KNOWN = "not_known"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the guard needs to know of a record; values as in archive.catalogue.models."""

    id: str
    unit_id: str
    control: str
    secrecy: str
    trade_secrecy: str
    destroyed: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, the reason, and the grant it rests on."""

    allowed: bool
    reason: Reason
    grant: Grant | None = None


def audience(record: RecordFacts) -> Audience:
    """The tokens of a record for the index: who may know of it, who may read it without a grant."""
    if record.destroyed or record.secrecy != _NONE:
        return _NOBODY, _NOBODY
    everyone, unit = frozenset({_EMPLOYEE}), frozenset({_unit_token(record.unit_id)})
    restricted: Audience = (unit | {_ARCHIVIST}, _NOBODY)
    if record.trade_secrecy != _NONE:
        return restricted
    circles: dict[str, Audience] = {
        "public": (everyone, everyone),
        "internal": (everyone, unit),
        "work_secret": restricted,
    }
    return circles.get(record.control, (_NOBODY, _NOBODY))


def tokens_of(person: PersonFacts | None) -> frozenset[str]:
    """The tokens of a person. Nobody, an inactive person and an administrator have none."""
    if person is None or not person.active or Permission.SEARCH not in permissions_of(person.roles):
        return _NOBODY
    if person.roles & Role.administrators():
        return _NOBODY
    archivist = {_ARCHIVIST} if Role.ARCHIVIST in person.roles else set()
    return frozenset({_EMPLOYEE, _unit_token(person.unit_id), *archivist})


def rule(person: PersonFacts | None, record: RecordFacts, grants: Sequence[Grant], act: Act) -> Decision:
    """Decide. `grants` are this person's grants on this record that run now; no grant helps against not knowing."""
    if record.destroyed:
        return Decision(False, Reason.DESTROYED)
    (know, read), tokens = audience(record), tokens_of(person)
    if not know & tokens:
        return Decision(False, Reason.NOT_KNOWN)
    if act is Act.KNOW:
        return Decision(True, Reason.KNOWN)
    if read & tokens:
        return Decision(True, Reason.PUBLIC if _EMPLOYEE in read else Reason.OWN_UNIT)
    if act is Act.READ and grants:
        return _by_grant(grants)
    return Decision(False, Reason.NOT_APPROVED)


def _by_grant(grants: Sequence[Grant]) -> Decision:
    """Rest on the grant that lasts longest; an approved one before a task."""
    best = max(grants, key=lambda grant: (grant.kind is GrantKind.APPROVED, grant.ends_at))
    return Decision(True, Reason.GRANT if best.kind is GrantKind.APPROVED else Reason.TASK, best)


def _unit_token(unit_id: str) -> str:
    return f"unit:{unit_id}"
