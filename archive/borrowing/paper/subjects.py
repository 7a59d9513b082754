"""What is approved here: an 出库 act, and one item a visitor wants to read."""

from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.paper.models import OutAct, VisitItem
from archive.borrowing.paper.out_acts import OutService, path_of
from archive.borrowing.paper.visits import follow_visit
from archive.borrowing.paper.words import ASKED, OUT_KINDS
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.approval.models import ApprovalCase
from archive.platform.approval.subjects import Shown
from archive.platform.db import Clock
from archive.platform.errors import ConflictError
from archive.platform.guard import Guard
from archive.platform.i18n import _

__all__ = ["OutActSubject", "VisitItemSubject"]


class OutActSubject:
    """Shown with its order and the codes of what is to leave, never with titles."""

    label = _("出库")

    def shown(self, session: Session, _clock: Clock, case: ApprovalCase, person: Person) -> Shown:
        """The same for everybody who decides."""
        act = session.get_one(OutAct, case.subject_id)
        codes = [line.item.code or line.item.accession for line in act.items]
        said: list[tuple[str, object]] = [
            (_("出库事由"), act.ground),
            (_("下令人和文号"), act.ordered_by),
            (_("送往"), act.destination),
            (_("应还日期"), act.due_back or _("不再归还")),
            (_("处置决定"), act.disposal),
            (_("档号"), "、".join(codes)),
        ]
        path = path_of(act) if Permission.CUSTODY in permissions_of(person.roles) else ""
        return Shown(f"{OUT_KINDS[act.kind]} {act.number}", [pair for pair in said if pair[1]], path)

    def check(self, _session: Session, _clock: Clock, _case: ApprovalCase) -> None:
        """It can be approved as long as it is open."""

    def closed(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo, case: ApprovalCase) -> None:
        """The act follows its case."""
        OutService(session, clock, actor, zone).follow(case)


class VisitItemSubject:
    """Shown with the catalogue line of the item, and who comes."""

    label = _("来访阅览")

    def shown(self, session: Session, clock: Clock, case: ApprovalCase, person: Person) -> Shown:
        """Whoever decides about an item sees its catalogue line, as long as anybody may know of it."""
        line = _line_of(session, case)
        visit, item = line.visit, line.item
        said: list[tuple[str, object]] = [
            (_("来访人"), f"{visit.name}（{visit.organisation}）"),
            (_("介绍信"), visit.letter),
            (_("陪同人员"), visit.companion.name),
            (_("利用方式"), ASKED[line.asked]),
            (_("阅览目的"), visit.purpose),
        ]
        path = f"/desk/visitors/{visit.id}" if Permission.DESK in permissions_of(person.roles) else ""
        if not Guard(session, clock).known_by_duty(person, facts(item)):
            return Shown("", said, path, visible=False)
        return Shown(item.title, [(_("档号"), item.code or item.accession), *said], path)

    def check(self, session: Session, _clock: Clock, case: ApprovalCase) -> None:
        """Nothing is approved for somebody who has left."""
        if _line_of(session, case).visit.left_at is not None:
            raise ConflictError(_("这次来访已经结束，请不予同意。"))

    def closed(self, session: Session, clock: Clock, actor: Actor, _zone: tzinfo, case: ApprovalCase) -> None:
        """The item follows its case."""
        follow_visit(session, clock, actor, case)


def _line_of(session: Session, case: ApprovalCase) -> VisitItem:
    return session.scalars(select(VisitItem).where(VisitItem.id == case.subject_id)).one()
