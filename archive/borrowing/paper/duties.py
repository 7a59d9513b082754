"""What a person who leaves has in hand here: paper he reads, and signatures that wait for him."""

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from archive.borrowing.models import ReadingRequest, RequestLine
from archive.borrowing.paper.models import OutAct, OutState, PaperReading, ReadingState, Visit, VisitItem
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change
from archive.platform.i18n import _

__all__ = ["PaperDuty"]


class PaperDuty:
    """Paper in his hands is given back at the desk, by nobody's click; what he was to sign, the successor signs."""

    label = _("在阅的原件和待签收的出库")

    def open(self, session: Session, person_id: str) -> list[tuple[str, str]]:
        """Readings and 出库 acts, by number."""
        mine = select(PaperReading).outerjoin(PaperReading.line).outerjoin(RequestLine.request)
        mine = mine.outerjoin(PaperReading.visit_item).outerjoin(VisitItem.visit)
        mine = mine.where(or_(ReadingRequest.reader_id == person_id, Visit.companion_id == person_id))
        held = session.scalars(mine.where(PaperReading.state == ReadingState.READING).order_by(PaperReading.number))
        waiting = _to_sign(person_id)
        acts = session.scalars(select(OutAct).where(*waiting).order_by(OutAct.number))
        return [(one.number, f"/desk/items/{one.item_id}") for one in held] + [
            (act.number, f"/desk/out/{act.id}") for act in acts
        ]

    def hand_over(self, session: Session, clock: Clock, actor: Actor, from_id: str, to_id: str) -> int:
        """The successor signs, but for what he hands over himself."""
        signing = (*_to_sign(from_id), OutAct.given_by != to_id)
        for act in session.scalars(select(OutAct).where(*signing)):
            record(session, clock, actor, AuditAction.OUT_GIVEN, "out_act", act.id, number=act.number, to=to_id)
        return change(session, update(OutAct).where(*signing).values(taken_by=to_id))


def _to_sign(person_id: str) -> tuple[ColumnElement[bool], ...]:
    return OutAct.state == OutState.SIGNED, OutAct.taken_by == person_id
