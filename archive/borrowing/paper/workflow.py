"""The states of one paper item, pure: events in, the next state or a refusal out.

    在盒 ─ fetched → 已调出 ─ handed over → 在阅 ─ taken back → 已还 ─ shelved → 在盒
    在盒 ─ handed out (出库) → 出库 ─ brought back → 已归还待上架 ─ shelved → 在盒

Events of a reading know box, desk and room only; `out` is reached by `when_handed_out` alone.
"""

from dataclasses import dataclass, replace

from archive.borrowing.paper.models import Condition, IncidentKind, IncidentOutcome, ReadingState, Whereabouts
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError
from archive.platform.i18n import _

__all__ = [
    "OUTCOMES",
    "READING_PLACES",
    "Count",
    "Paper",
    "check_difference",
    "differs",
    "when_brought_back",
    "when_fetched",
    "when_handed_out",
    "when_handed_over",
    "when_shelved",
    "when_taken_back",
]

#: where the paper of a reading can be, by the state of the reading
READING_PLACES = {
    ReadingState.FETCHED: Whereabouts.DESK,
    ReadingState.READING: Whereabouts.ROOM,
    ReadingState.RETURNED: Whereabouts.DESK,
    ReadingState.SHELVED: Whereabouts.BOX,
}
#: how each kind of incident can end
OUTCOMES = {
    IncidentKind.MISSING: (IncidentOutcome.FOUND, IncidentOutcome.LOST),
    IncidentKind.DAMAGED: (IncidentOutcome.REPAIR, IncidentOutcome.NOTED),
    IncidentKind.OVERDUE: (IncidentOutcome.FOUND, IncidentOutcome.LOST),
}
_WORSE = {Condition.SOUND: 0, Condition.WORN: 1, Condition.DAMAGED: 2}
_MOST_PAGES = 100_000
_NOTE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted and seen: pages, from 1; condition; and what there is to say of it."""

    pages: int
    condition: Condition
    note: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper of one item. `reading`: the state of the reading that holds it; `counted`: when it was last given."""

    place: Whereabouts = Whereabouts.BOX
    reading: ReadingState | None = None
    counted: Count | None = None


def when_fetched(paper: Paper) -> Paper:
    """Taken from its box to the desk, for a reading. Raises ConflictError unless it lies in its box."""
    if paper.place is not Whereabouts.BOX:
        raise ConflictError(_REFUSED[paper.place])
    return _reading(paper, ReadingState.FETCHED)


def when_handed_over(paper: Paper, count: Count, by_id: str, to_id: str) -> Paper:
    """Given to read in the room. Raises ConflictError, ForbiddenError (to oneself), InvalidError (count)."""
    _expect(paper, ReadingState.FETCHED, _("这件原件还没有调出，或者已经交付阅览。"))
    check_count(count)
    if by_id == to_id:
        raise ForbiddenError(_("不能把原件交付给自己，请由另一位档案员办理。"))
    return replace(_reading(paper, ReadingState.READING), counted=count)


def when_taken_back(paper: Paper, count: Count, by_id: str, from_id: str) -> Paper:
    """Given back and checked. A difference has to be written up: raises InvalidError (note), and as above."""
    _expect(paper, ReadingState.READING, _("这件原件不在阅览中。"))
    check_count(count)
    if by_id == from_id:
        raise ForbiddenError(_("不能清点自己阅览的原件，请由另一位档案员办理。"))
    check_difference(paper.counted, count)
    return _reading(paper, ReadingState.RETURNED)


def when_shelved(paper: Paper) -> Paper:
    """Back in its box, from the desk. Raises ConflictError."""
    if paper.place is not Whereabouts.DESK:
        raise ConflictError(_("原件不在服务台，不能上架。"))
    return Paper()


def when_handed_out(paper: Paper, count: Count, giver_id: str, taker_id: str) -> Paper:
    """Leaves the repository by an 出库 act. Raises ConflictError unless in its box, ForbiddenError (one person)."""
    if paper.place is not Whereabouts.BOX:
        raise ConflictError(_REFUSED[paper.place])
    check_count(count)
    if giver_id == taker_id:
        raise ForbiddenError(_("移交人和接收人不能是同一个人。"))
    return Paper(Whereabouts.OUT, None, count)


def when_brought_back(paper: Paper, count: Count, by_id: str, taker_id: str) -> Paper:
    """Back on the desk from outside, counted by somebody other than who had it. Raises as `when_taken_back`."""
    if paper.place is not Whereabouts.OUT:
        raise ConflictError(_("这件原件没有出库。"))
    check_count(count)
    if by_id == taker_id:
        raise ForbiddenError(_("接收人不能清点自己归还的原件，请由另一位档案员办理。"))
    check_difference(paper.counted, count)
    return Paper(Whereabouts.DESK)


def differs(before: Count | None, after: Count) -> bool:
    """Whether pages or condition are not what they were; a better condition is none (repaired)."""
    if before is None:
        return False
    return after.pages != before.pages or _WORSE[after.condition] > _WORSE[before.condition]


def check_count(count: Count) -> None:
    """Raise InvalidError for a count that cannot be."""
    if not 1 <= count.pages <= _MOST_PAGES:
        raise InvalidError(_("请填写清点的页数，1 到 {most}。"), field="pages", most=_MOST_PAGES)
    if len(count.note) > _NOTE_LENGTH:
        raise InvalidError(_("说明请不超过 {most} 字。"), field="note", most=_NOTE_LENGTH)


def check_difference(before: Count | None, after: Count) -> None:
    """Raise InvalidError for a difference of which nothing is said."""
    if differs(before, after) and not after.note.strip():
        raise InvalidError(_("页数或完好情况与交付时不同，请写明差异。"), field="note")


_REFUSED = {
    Whereabouts.DESK: _("原件已调出，在服务台。"),
    Whereabouts.ROOM: _("原件正在阅览。"),
    Whereabouts.OUT: _("原件已出库，不在库内。"),
}


def _reading(paper: Paper, state: ReadingState) -> Paper:
    return replace(paper, place=READING_PLACES[state], reading=state)


def _expect(paper: Paper, state: ReadingState, otherwise: str) -> None:
    if paper.reading is not state:
        raise ConflictError(otherwise)
