"""The rule of reading, pure: facts of person and record and his running grants in, decision out.

Everything rests on two sets of tokens, one of the record (`audience`) and one of the person (`tokens_of`). The index
matches the same tokens inside its queries, so a search can never say more than the guard.

| record                        | knows of it                                  | reads it without a grant |
|-------------------------------|----------------------------------------------|--------------------------|
| 公开 public                   | every employee                               | every employee           |
| 内部 internal                 | every employee                               | its own department       |
| 工作秘密, 商业秘密 restricted | its department, archivists                   | nobody                   |
| 国家秘密                      | of these, whose clearance is at least as high | nobody                   |
| destroyed                     | nobody                                       | nobody                   |

An employee is whoever may search; the three administrators are none, and an archivist reads nothing by his office.
A grant counts for its pages and its act, and in the reading room, that is at a registered seat, or anywhere if it says
so. What is asked without a page is asked of the whole item.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.grants import Act, Grant, GrantKind, Place
from archive.platform.page_ranges import covers
from archive.platform.secrecy_levels import LEVELS, levels_within

__all__ = ["Act", "Decision", "Reason", "RecordFacts", "audience", "opens", "rule", "tokens_of"]

_NONE = "none"
_EMPLOYEE = "employee"
_ARCHIVIST = "archivist"
_NOBODY: frozenset[str] = frozenset()

Audience = tuple[frozenset[str], frozenset[str]]


class Reason(enum.StrEnum):
    """Why the guard decided as it did."""

    KNOWN = "known"  #: its catalogue line is open to him
    PUBLIC = "public"  #: 公开: open to every employee
    OWN_UNIT = "own_unit"  #: his own department's record
    GRANT = "grant"  #: an approved request runs now
    TASK = "task"  #: an archivist's named task
    STANDING = "standing"  #: a standing authorisation
    LEADER = "leader"  #: made by the desk for a leader
    VISITOR = "visitor"  #: made by the desk for a visitor
    NOT_APPROVED = "not_approved"
    NOT_HERE = "not_here"  #: approved for the reading room, and he is not there
    NOT_THESE_PAGES = "not_these_pages"  #: approved for other pages, or not for the whole item
    NOT_KNOWN = "not_known"
    DESTROYED = "destroyed"


_REASONS = {
    GrantKind.APPROVED: Reason.GRANT,
    GrantKind.TASK: Reason.TASK,
    GrantKind.STANDING: Reason.STANDING,
    GrantKind.LEADER: Reason.LEADER,
    GrantKind.VISITOR: Reason.VISITOR,
}


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
    if record.destroyed or record.secrecy not in LEVELS:
        return _NOBODY, _NOBODY
    everyone, unit = frozenset({_EMPLOYEE}), frozenset({_unit_token(record.unit_id)})
    circle = unit | {_ARCHIVIST}
    circles: dict[str, Audience] = {
        "public": (everyone, everyone),
        "internal": (everyone, unit),
        "work_secret": (circle, _NOBODY),
    }
    know, read = circles.get(record.control, (_NOBODY, _NOBODY))
    if know and record.secrecy != _NONE:
        return frozenset(_cleared(token, record.secrecy) for token in circle), _NOBODY
    if know and record.trade_secrecy != _NONE:
        return circle, _NOBODY
    return know, read


def tokens_of(person: PersonFacts | None) -> frozenset[str]:
    """The tokens of a person. Nobody, an inactive person and an administrator have none."""
    if person is None or not person.active or Permission.SEARCH not in permissions_of(person.roles):
        return _NOBODY
    if person.roles & Role.administrators():
        return _NOBODY
    archivist = {_ARCHIVIST} if Role.ARCHIVIST in person.roles else set()
    tokens = frozenset({_EMPLOYEE, _unit_token(person.unit_id), *archivist})
    return tokens | {_cleared(token, level) for level in levels_within(person.clearance) for token in tokens}


def rule(
    person: PersonFacts | None,
    record: RecordFacts,
    grants: Sequence[Grant],
    act: Act,
    *,
    page: int | None = None,
    seated: bool = False,
) -> Decision:
    """Decide. `grants` are this person's grants on this record that run now; no grant helps against not knowing.

    `page` is 1-based, None asks for the whole item. `seated`: whether he is at a registered seat.
    """
    if record.destroyed:
        return Decision(False, Reason.DESTROYED)
    (know, read), tokens = audience(record), tokens_of(person)
    if not know & tokens:
        return Decision(False, Reason.NOT_KNOWN)
    if act is Act.KNOW:
        return Decision(True, Reason.KNOWN)
    if read & tokens:
        return Decision(True, Reason.PUBLIC if _EMPLOYEE in read else Reason.OWN_UNIT)
    return _by_grants(grants, act, page, seated=seated)


def opens(grant: Grant, *, seated: bool) -> bool:
    """Whether a grant that runs counts in this place. A visitor reads at a seat, whatever his grant says."""
    return seated or (grant.place is Place.ANYWHERE and grant.kind is not GrantKind.VISITOR)


def _by_grants(grants: Sequence[Grant], act: Act, page: int | None, *, seated: bool) -> Decision:
    """Rest on the best grant; where none counts, say what is missing."""
    meant = [grant for grant in grants if act is Act.READ or _may_take(grant)]
    fitting = [grant for grant in meant if (covers(grant.pages, page) if page is not None else not grant.pages)]
    here = [grant for grant in fitting if opens(grant, seated=seated)]
    if here:
        # The one that lasts longest; an archivist's task last, because it stands for less.
        best = max(here, key=lambda grant: (grant.kind is not GrantKind.TASK, grant.ends_at))
        return Decision(True, _REASONS[best.kind], best)
    if fitting:
        return Decision(False, Reason.NOT_HERE)
    return Decision(False, Reason.NOT_THESE_PAGES if meant else Reason.NOT_APPROVED)


def _may_take(grant: Grant) -> bool:
    return grant.act is Act.DOWNLOAD and grant.kind is not GrantKind.VISITOR


def _unit_token(unit_id: str) -> str:
    return f"unit:{unit_id}"


def _cleared(token: str, level: str) -> str:
    """The token of those among its holders who are cleared for that level."""
    return f"{token}@{level}"
