"""How an incident ends: the isolated scans are erased, or two people let them in again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.models import Category, Item, Secrecy
from archive.catalogue.secrecy import set_secrecy
from archive.digitization.intake import stage
from archive.digitization.missing import note_missing
from archive.digitization.models import Batch, BatchFile, Splitting
from archive.digitization.secrecy.isolation import isolated_files, missing_files, release_key, remove_isolated
from archive.digitization.secrecy.models import IncidentState, SecrecyIncident
from archive.digitization.service import TRIES, IntakeService
from archive.platform.accounts.models import Person, Role
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.jobs.service import JobQueue
from archive.platform.parts import Parts

__all__ = ["SecrecyService", "take_in_again"]

#: one person of each side is needed to let something in again
_SIDES = (Role.ARCHIVIST, Role.SECURITY_ADMINISTRATOR)


class SecrecyService:
    """Acts on incidents in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def incidents(self) -> list[SecrecyIncident]:
        """All of them, the newest first; there are few."""
        return list(self._session.scalars(select(SecrecyIncident).order_by(SecrecyIncident.id.desc())))

    def incident(self, incident_id: str) -> SecrecyIncident:
        """One of them, locked until the transaction ends. Raises NotFoundError."""
        found = self._session.get(SecrecyIncident, incident_id, with_for_update=True)
        if found is None:
            raise NotFoundError(_("没有这个保密事件。"))
        return found

    def of_batch(self, batch: Batch) -> SecrecyIncident | None:
        """Why a batch is isolated, and how that ended."""
        return self._session.scalar(select(SecrecyIncident).where(SecrecyIncident.batch_id == batch.id))

    def erase(self, incident: SecrecyIncident, person: Person) -> None:
        """Have the isolated scans deleted for ever: the security administrator's act. Raises ConflictError."""
        self._check_open(incident)
        if Role.SECURITY_ADMINISTRATOR not in person.roles:
            raise ConflictError(_("清除隔离内容须由安全保密管理员执行。"))
        if incident.item_id is not None:
            raise ConflictError(_("这是已归档的文件，没有隔离内容可清除。销毁须经鉴定和审批。"))
        self._close(incident, person, IncidentState.ERASED, AuditAction.SECRECY_ERASED)

    def propose_release(self, incident: SecrecyIncident, person: Person, reason: str) -> None:
        """Say why it is a false alarm; somebody of the other side has to agree. Raises ConflictError, InvalidError."""
        self._check_open(incident)
        if incident.proposed_by is not None:
            raise ConflictError(_("已有人申请解除，请由另一方同意。"))
        if not reason.strip():
            raise InvalidError(_("请写明认定为误报的理由。"), field="reason")
        incident.proposed_by, incident.proposed_at, incident.reason = person.id, self._clock(), reason.strip()
        self._record(incident, AuditAction.SECRECY_RELEASE_PROPOSED)

    def release(self, incident: SecrecyIncident, person: Person) -> None:
        """Agree that it is a false alarm: the scans come in again, the record is open again. Raises ConflictError."""
        self._check_open(incident)
        if incident.proposer is None:
            raise ConflictError(_("还没有人申请解除这个保密事件。"))
        if not self.may_release(incident, person):
            raise ConflictError(_("解除须由两人办理，一名档案员、一名安全保密管理员：请由另一方同意。"))
        self._close(incident, person, IncidentState.RELEASED, AuditAction.SECRECY_RELEASED)
        if incident.item_id is not None:
            self._open_again(incident.item_id, incident.former_secrecy or Secrecy.NONE)
            return
        incident.released_as = new_id()
        JobQueue(self._session, self._clock).enqueue(
            "release", {"incident": incident.id}, key=release_key(incident.id), max_attempts=TRIES
        )

    @staticmethod
    def may_release(incident: SecrecyIncident, person: Person) -> bool:
        """Whether this person is the second one: neither the first nor on his side."""
        first = incident.proposer
        if first is None or first.id == person.id:
            return False
        pairs = (_SIDES, _SIDES[::-1])
        return any(one in first.roles and other in person.roles for one, other in pairs)

    def _open_again(self, item_id: str, level: Secrecy) -> None:
        item = self._session.get(Item, item_id, with_for_update=True)
        if item is not None:
            set_secrecy(self._session, self._clock, self._actor, item, level)

    def _check_open(self, incident: SecrecyIncident) -> None:
        if incident.state is not IncidentState.OPEN:
            raise ConflictError(_("这个保密事件已经处置完毕。"))
        if incident.isolated_at is None:
            raise ConflictError(_("隔离尚未完成，请稍后再办。"))

    def _close(self, incident: SecrecyIncident, person: Person, state: IncidentState, action: AuditAction) -> None:
        incident.state, incident.closed_by, incident.closed_at = state, person.id, self._clock()
        self._record(incident, action)

    def _record(self, incident: SecrecyIncident, action: AuditAction) -> None:
        facts = {"number": incident.number, "batch": incident.batch_id}
        record(self._session, self._clock, self._actor, action, "secrecy_incident", incident.id, **facts)


def take_in_again(parts: Parts, payload: Mapping[str, Any]) -> None:
    """The job `release`: bring the isolated scans of payload["incident"] in as a batch like the one they came in."""
    with parts.database.reading() as session:
        incident = session.get_one(SecrecyIncident, payload["incident"])
        bringer = session.get_one(Person, incident.brought_by)
    if incident.released_as is None:
        return
    actor = Actor(bringer.id, bringer.name)
    with parts.database.writing() as session:
        if session.get(Batch, incident.released_as) is None:
            _open_again(parts, session, incident, actor)
    for name, path in isolated_files(parts.settings, incident.id):
        with path.open("rb") as source:
            staged = stage(parts.store, incident.released_as, source, name)
        with parts.database.writing() as session:
            batch = session.get_one(Batch, incident.released_as)
            same = select(BatchFile.id).where(BatchFile.batch_id == batch.id, BatchFile.sha256 == staged.sha256)
            if session.scalar(same) is None:
                IntakeService(session, parts.clock, actor, parts.settings.zone).add_file(batch, staged)
    with parts.database.writing() as session:
        batch = session.get_one(Batch, incident.released_as, with_for_update=True)
        if not batch.complete:
            for name, reason in missing_files(parts.settings, incident.id):
                note_missing(session, batch, name, reason)
            IntakeService(session, parts.clock, actor, parts.settings.zone).complete(batch)
    remove_isolated(parts.settings, incident.id)


def _open_again(parts: Parts, session: Session, incident: SecrecyIncident, actor: Actor) -> None:
    """A batch like the one that was stopped. What it holds is reviewed by a person, whatever was asked for before."""
    before = session.get_one(Batch, incident.batch_id)
    IntakeService(session, parts.clock, actor, parts.settings.zone).open_batch(
        before.person,
        session.get_one(Category, before.category_id),
        before.source,
        batch_id=incident.released_as,
        splitting=Splitting(before.split_rule, before.split_pages, before.duplex),
    )
