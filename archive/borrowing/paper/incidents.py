"""Paper missing, damaged or overdue: reported, examined, concluded by another person. Nothing is closed silently."""

from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.paper.models import (
    IncidentKind,
    IncidentOutcome,
    IncidentState,
    OutItem,
    PaperIncident,
    PaperReading,
    ReadingState,
)
from archive.borrowing.paper.people import in_charge
from archive.borrowing.paper.workflow import OUTCOMES, Count, differs
from archive.catalogue.models import Item
from archive.catalogue.service import CatalogueService
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import notify

__all__ = ["IncidentService"]

_TEXT_LENGTH = 1000


class IncidentService:
    """The procedure of one incident after another, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone

    def report(
        self,
        item: Item,
        kind: IncidentKind,
        person: Person | None,
        report: str,
        *,
        reading: PaperReading | None = None,
        out: OutItem | None = None,
    ) -> PaperIncident:
        """Say that something is wrong; without a person the system says it. Archivists and office director are told.

        Raises InvalidError (report), ConflictError (said already and not concluded).
        """
        text = _text("report", report, _("请写明情况。"))
        number = self.open_number(item.id, kind)
        if number:
            raise ConflictError(_("这件原件已有未结的报告 {number}，请在那里补充。"), number=number)
        now = self._clock()
        catalogue = CatalogueService(self._session, self._clock, self._actor)
        incident = PaperIncident(
            id=new_id(),
            number=catalogue.next_of_year("paper-incident", self._zone, "Y"),
            kind=kind,
            state=IncidentState.REPORTED,
            item=item,
            reading_id=reading.id if reading else None,
            out_id=out.id if out else None,
            reported_by=person.id if person else None,
            reported_at=now,
            report=text,
        )
        self._session.add(incident)
        self._session.flush()
        self._record(AuditAction.INCIDENT_REPORTED, incident, item=item.id)
        path = f"/desk/incidents/{incident.id}"
        notify(
            self._session,
            self._clock,
            in_charge(self._session),
            NoticeKind.PAPER_INCIDENT,
            path,
            number=incident.number,
        )
        return incident

    def open_number(self, item_id: str, kind: IncidentKind) -> str:
        """The number of the incident of this kind that is not concluded; "" without one."""
        twin = select(PaperIncident.number).where(PaperIncident.item_id == item_id, PaperIncident.kind == kind)
        return self._session.scalar(twin.where(PaperIncident.state != IncidentState.CONCLUDED).limit(1)) or ""

    def reported_for(self, *, reading_id: str | None = None, out_id: str | None = None) -> bool:
        """Whether something was ever reported overdue of this reading, or of this line of an 出库 act."""
        late = select(PaperIncident.id).where(PaperIncident.kind == IncidentKind.OVERDUE)
        late = late.where(PaperIncident.reading_id == reading_id, PaperIncident.out_id == out_id)
        return self._session.scalar(late.limit(1)) is not None

    def report_difference(
        self,
        item: Item,
        before: Count | None,
        after: Count,
        person: Person,
        *,
        reading: PaperReading | None = None,
        out: OutItem | None = None,
    ) -> None:
        """Pages missing, or damage, when paper came back other than it was given; nothing where it is the same."""
        if before is None or not differs(before, after):
            return
        kind = IncidentKind.MISSING if after.pages < before.pages else IncidentKind.DAMAGED
        if not self.open_number(item.id, kind):
            self.report(item, kind, person, after.note, reading=reading, out=out)

    def examine(self, incident_id: str, person: Person, finding: str) -> PaperIncident:
        """Say what the search or the assessment brought.

        Raises NotFoundError, ForbiddenError, ConflictError, InvalidError (finding).
        """
        incident = self._locked(incident_id, person)
        text = _text("finding", finding, _("请写明查找或鉴定的结果。"))
        if incident.state is not IncidentState.REPORTED:
            raise ConflictError(_("这份报告已经查明。"))
        incident.state, incident.examined_by, incident.examined_at = IncidentState.EXAMINED, person.id, self._clock()
        incident.finding = text
        self._record(AuditAction.INCIDENT_EXAMINED, incident, item=incident.item_id)
        return incident

    def conclude(self, incident_id: str, person: Person, outcome: IncidentOutcome, conclusion: str) -> PaperIncident:
        """End an incident, by somebody who neither reported nor examined it.

        Raises NotFoundError, ForbiddenError, ConflictError, InvalidError (outcome, conclusion).
        """
        incident = self._locked(incident_id, person)
        if incident.state is not IncidentState.EXAMINED:
            raise ConflictError(_("请先写明查找或鉴定的结果；已有结论的不能再改。"))
        if person.id in {incident.reported_by, incident.examined_by}:
            raise ForbiddenError(_("报告人和查办人不能自己下结论，请由另一人办理。"))
        if outcome not in OUTCOMES[incident.kind]:
            raise InvalidError(_("请选择结论。"), field="outcome")
        text = _text("conclusion", conclusion, _("请写明结论的依据。"))
        if incident.kind is IncidentKind.OVERDUE and outcome is IncidentOutcome.FOUND and not self._is_back(incident):
            raise ConflictError(_("原件还没有归还清点，不能作此结论。"))
        incident.state, incident.outcome, incident.conclusion = IncidentState.CONCLUDED, outcome, text
        incident.concluded_by, incident.concluded_at = person.id, self._clock()
        self._record(AuditAction.INCIDENT_CONCLUDED, incident, item=incident.item_id, outcome=outcome)
        return incident

    def refuse_while_open(self, item_id: str) -> None:
        """Raise ConflictError while the paper is missing, was given up, or its damage is not assessed."""
        found = select(PaperIncident).where(
            PaperIncident.item_id == item_id, PaperIncident.kind.in_([IncidentKind.MISSING, IncidentKind.DAMAGED])
        )
        newest: dict[IncidentKind, PaperIncident] = {}
        for incident in self._session.scalars(found.order_by(PaperIncident.reported_at, PaperIncident.id)):
            newest[incident.kind] = incident
        for incident in newest.values():
            if incident.state is not IncidentState.CONCLUDED:
                raise ConflictError(_("这件原件有未结的报告 {number}，不能调出。"), number=incident.number)
            if incident.outcome is IncidentOutcome.LOST:
                raise ConflictError(_("这件原件已确认遗失（{number}），不能调出。"), number=incident.number)

    def _is_back(self, incident: PaperIncident) -> bool:
        if incident.reading_id is not None:
            reading = self._session.get_one(PaperReading, incident.reading_id)
            return reading.state in {ReadingState.RETURNED, ReadingState.SHELVED}
        return incident.out_id is None or self._session.get_one(OutItem, incident.out_id).back_at is not None

    def _locked(self, incident_id: str, person: Person) -> PaperIncident:
        if Permission.CUSTODY not in permissions_of(person.roles):
            raise ForbiddenError(_("只有档案员和办公室主任可以办理。"))
        incident = self._session.get(PaperIncident, incident_id, with_for_update=True, populate_existing=True)
        if incident is None:
            raise NotFoundError(_("没有这份报告。"))
        return incident

    def _record(self, action: AuditAction, incident: PaperIncident, **details: object) -> None:
        said = {"number": incident.number, **details}
        record(self._session, self._clock, self._actor, action, "paper_incident", incident.id, **said)


def _text(field: str, text: str, missing: str) -> str:
    if not text.strip():
        raise InvalidError(missing, field=field)
    if len(text) > _TEXT_LENGTH:
        raise InvalidError(_("请不超过 {most} 字。"), field=field, most=_TEXT_LENGTH)
    return text.strip()
