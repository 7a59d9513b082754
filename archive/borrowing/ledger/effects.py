"""Effects of use 利用效果: asked once of whoever is done with a request, reminded once, answered or declined."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from archive.borrowing.ledger.models import EffectKind, EffectState, UseEffect
from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.borrowing.paper.models import PaperReading, ReadingState
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.db import Clock, insert_once, new_id
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import mark_done, notify
from archive.platform.parts import Parts

__all__ = ["Answer", "EffectService", "ask_for_effects"]

_LOOK_BACK = timedelta(days=90)
_REMIND_AFTER = timedelta(days=7)
_LONGEST = 2000
#: whole yuan; more is a mistake of the keyboard
_MOST_BENEFIT = 10**12


@dataclass(frozen=True, slots=True)
class Answer:
    """What the form says, as text, so that nothing is lost when it cannot be used."""

    kind: str = ""
    words: str = ""
    benefit: str = ""

    def checked(self) -> tuple[EffectKind, str, int | None]:
        """Kind, words and whole yuan. Raises InvalidError, naming the field."""
        if self.kind not in set(EffectKind):
            raise InvalidError(_("请选择效果类别。"), field="kind")
        words = self.words.strip()
        if not words:
            raise InvalidError(_("请简要说明利用效果。"), field="words")
        if len(words) > _LONGEST:
            raise InvalidError(_("说明请不超过 {most} 字。"), field="words", most=_LONGEST)
        amount = self.benefit.strip().replace(",", "").replace("，", "")
        if amount and not (amount.isascii() and amount.isdigit() and int(amount) <= _MOST_BENEFIT):
            raise InvalidError(_("经济效益请填写整数元，没有可以不填。"), field="benefit")
        return EffectKind(self.kind), words, int(amount) if amount else None


class EffectService:
    """The answers, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def mine(self, effect_id: str, person: Person) -> UseEffect:
        """What this person is asked. Raises NotFoundError."""
        found = self._session.get(UseEffect, effect_id, options=[joinedload(UseEffect.request)])
        if found is None or found.request.reader_id != person.id:
            raise NotFoundError(_("没有这项利用效果登记。"))
        return found

    def one(self, effect_id: str) -> UseEffect:
        """Any answer, for the register. Raises NotFoundError."""
        found = self._session.get(UseEffect, effect_id)
        if found is None or found.state is not EffectState.GIVEN:
            raise NotFoundError(_("没有这项利用效果登记。"))
        return found

    def given(self, begins: datetime, ends: datetime) -> Sequence[UseEffect]:
        """What was answered from the first moment until before the second, the latest first."""
        request = joinedload(UseEffect.request)
        wanted = (
            select(UseEffect)
            .where(UseEffect.state == EffectState.GIVEN, UseEffect.answered_at >= begins, UseEffect.answered_at < ends)
            .options(
                request.joinedload(ReadingRequest.reader).joinedload(Person.unit),
                request.selectinload(ReadingRequest.lines).joinedload(RequestLine.item),
            )
        )
        return self._session.scalars(wanted.order_by(UseEffect.answered_at.desc(), UseEffect.id)).all()

    def answer(self, effect_id: str, person: Person, answer: Answer) -> UseEffect:
        """Say what came of it; may be corrected. Raises InvalidError, NotFoundError."""
        found = self.mine(effect_id, person)
        found.kind, found.words, found.benefit = answer.checked()
        self._close(found, EffectState.GIVEN, AuditAction.EFFECT_GIVEN)
        return found

    def decline(self, effect_id: str, person: Person) -> None:
        """Say nothing. Raises NotFoundError, ConflictError (answered already)."""
        found = self.mine(effect_id, person)
        if found.state is EffectState.GIVEN:
            raise ConflictError(_("利用效果已经登记。"))
        self._close(found, EffectState.DECLINED, AuditAction.EFFECT_DECLINED)

    def _close(self, effect: UseEffect, state: EffectState, action: AuditAction) -> None:
        effect.state, effect.answered_at = state, self._clock()
        mark_done(self._session, self._clock, _link(effect.id), NoticeKind.EFFECT_ASKED, NoticeKind.EFFECT_REMINDED)
        record(self._session, self._clock, self._actor, action, "use_effect", effect.id, number=effect.request.number)


def ask_for_effects(parts: Parts) -> int:
    """Ask whoever is done with a request he used, and remind those who did not answer; returns how many were told.

    For the keeper.
    """
    now = parts.clock()
    with parts.database.reading() as session:
        done = [one.id for one in session.scalars(_done(now)) if _was_used(session, one)]
        unanswered = select(UseEffect.id).where(UseEffect.state == EffectState.ASKED, UseEffect.reminded_at.is_(None))
        late = session.scalars(unanswered.where(UseEffect.asked_at <= now - _REMIND_AFTER)).all()
    return sum(_ask(parts, request_id) for request_id in done) + sum(_remind(parts, effect_id) for effect_id in late)


def _done(now: datetime) -> Select[ReadingRequest]:
    """Requests nobody was asked about, of which nothing is open: decided, returned, and their time over."""
    line = RequestLine.request_id == ReadingRequest.id
    approved = and_(line, RequestLine.state == LineState.APPROVED)
    returned = and_(PaperReading.line_id == RequestLine.id, PaperReading.returned_at.is_not(None))
    under_way = and_(
        line,
        PaperReading.line_id == RequestLine.id,
        PaperReading.state.in_([ReadingState.FETCHED, ReadingState.READING]),
    )
    only_returned_paper = ~exists().where(approved, or_(RequestLine.grant_id.is_not(None), ~exists().where(returned)))
    return (
        select(ReadingRequest)
        .where(
            ReadingRequest.created_at >= now - _LOOK_BACK,
            ~exists().where(UseEffect.request_id == ReadingRequest.id),
            ~exists().where(line, RequestLine.state == LineState.OPEN),
            exists().where(approved),
            ~exists().where(under_way),
            or_(ReadingRequest.ends_at <= now, only_returned_paper),
        )
        .options(selectinload(ReadingRequest.lines))
        .order_by(ReadingRequest.created_at)
    )


def _was_used(session: Session, request: ReadingRequest) -> bool:
    """Whether anything of it was looked at."""
    lines = [line.id for line in request.lines]
    handed = select(PaperReading.id).where(PaperReading.line_id.in_(lines), PaperReading.handed_at.is_not(None))
    if session.scalar(handed.limit(1)) is not None:
        return True
    for line in request.lines:
        read = select(AuditEntry.id).where(
            AuditEntry.subject_id == line.item_id,
            AuditEntry.action == AuditAction.PAGE_READ.value,
            AuditEntry.details["grant"].as_string() == line.grant_id,
        )
        if line.grant_id and session.scalar(read.limit(1)) is not None:
            return True
    return False


def _ask(parts: Parts, request_id: str) -> bool:
    with parts.database.writing() as session:
        effect = {"id": new_id(), "request_id": request_id, "state": EffectState.ASKED, "asked_at": parts.clock()}
        if not insert_once(session, UseEffect, "request_id", **effect, words=""):
            return False
        request = session.get_one(ReadingRequest, request_id)
        link = _link(str(effect["id"]))
        notify(session, parts.clock, [request.reader_id], NoticeKind.EFFECT_ASKED, link, number=request.number)
        record(
            session,
            parts.clock,
            SYSTEM,
            AuditAction.EFFECT_ASKED,
            "use_effect",
            str(effect["id"]),
            number=request.number,
        )
    return True


def _remind(parts: Parts, effect_id: str) -> bool:
    with parts.database.writing() as session:
        effect = session.get_one(UseEffect, effect_id, with_for_update=True)
        if effect.state is not EffectState.ASKED or effect.reminded_at is not None:
            return False
        effect.reminded_at = parts.clock()
        request = effect.request
        notify(
            session,
            parts.clock,
            [request.reader_id],
            NoticeKind.EFFECT_REMINDED,
            _link(effect.id),
            number=request.number,
        )
    return True


def _link(effect_id: str) -> str:
    return f"/effects/{effect_id}"
