"""Standing authorisations 长期授权: asked for, approved, used, ended; what was opened under them closes with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from archive.borrowing.book import RequestBook
from archive.borrowing.models import LineState, StandingAuthorisation
from archive.borrowing.rules import LONGEST_STANDING, PERSONNEL, check_purpose, may_revoke, may_stand
from archive.catalogue.models import Category, Item
from archive.catalogue.service import facts
from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.models import Person, Post, PostHolding, Role, Unit
from archive.platform.actor import SYSTEM, Actor
from archive.platform.approval.models import ActKind, ApprovalCase
from archive.platform.approval.service import ApprovalService
from archive.platform.approval.subjects import Shown
from archive.platform.approval.workflow import StepSpec
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change, new_id
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.grants import Grant, GrantKind, running_at
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import notify
from archive.platform.parts import Parts

__all__ = ["STANDING", "StandingService", "StandingSubject", "StandingWish", "close_lapsed", "covering", "standing_for"]

#: the kind of subject that is approved here
STANDING = "standing_authorisation"
_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class StandingWish:
    """What is asked for: ids of category and unit, of a post, or of none for himself; from when until before when."""

    category_id: str
    unit_id: str
    purpose: str
    starts_at: datetime
    ends_at: datetime
    post_id: str | None = None


class StandingService:
    """In the caller's transaction and in the actor's name. `zone` fixes the year in numbers."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._book = RequestBook(session, clock, actor, zone)

    def ask(self, applicant: Person, wish: StandingWish) -> StandingAuthorisation:
        """Ask for oneself, or for a post that one holds or heads: head of the unit, director and archivist decide.

        Raises InvalidError (field), ForbiddenError (another's post), ConflictError (nobody could decide).
        """
        check_purpose(wish.purpose)
        self._check_time(wish)
        post = self._post(applicant, wish.post_id) if wish.post_id else None
        unit = self._unit(wish.unit_id, post.unit_id if post else applicant.unit_id)
        standing = StandingAuthorisation(
            id=new_id(),
            number=self._book.next_number("standing", "S"),
            person=None if post else applicant,
            post=post,
            category=self._category(wish.category_id),
            unit=unit,
            purpose=wish.purpose.strip(),
            starts_at=max(wish.starts_at, self._clock()),
            ends_at=wish.ends_at,
            applicant=applicant,
            created_at=self._clock(),
            state=LineState.OPEN,
        )
        self._session.add(standing)
        self._session.flush()
        steps = (
            StepSpec(Role.DEPARTMENT_HEAD, unit_id=unit.id),
            StepSpec(Role.OFFICE_DIRECTOR),
            StepSpec(Role.ARCHIVIST),
        )
        approval = ApprovalService(self._session, self._clock, self._actor)
        standing.case = approval.open(STANDING, standing.id, applicant, steps, label=standing.number)
        self._record(AuditAction.STANDING_ASKED, standing, unit=unit.id)
        return standing

    def follow(self, case: ApprovalCase) -> None:
        """The authorisation follows its case."""
        standing = standing_for(self._session, case)
        standing.state = LineState(case.state.value)
        self._session.flush()

    def end(self, standing_id: str, person: Person, reason: str) -> StandingAuthorisation:
        """End it now, with every grant made under it.

        Raises NotFoundError, ForbiddenError, ConflictError (not in force), InvalidError (no reason).
        """
        standing = self._session.get(StandingAuthorisation, standing_id, with_for_update=True, populate_existing=True)
        if standing is None:
            raise NotFoundError(_("没有这项长期授权。"))
        if not may_revoke(facts_of(person), standing.unit_id):
            raise ForbiddenError(_("只有档案员和文件所属部门的负责人可以终止长期授权。"))
        if standing.state is not LineState.APPROVED or standing.ended_at or standing.ends_at <= self._clock():
            raise ConflictError(_("这项长期授权没有生效，或者已经终止。"))
        if not reason.strip() or len(reason) > _REASON_LENGTH:
            raise InvalidError(_("请写明终止的理由，不超过 {most} 字。"), field="reason", most=_REASON_LENGTH)
        standing.ended_at, standing.ended_by, standing.end_reason = self._clock(), person.id, reason.strip()
        self._session.flush()
        under = Grant.standing_id == standing.id, Grant.revoked_at.is_(None), Grant.ends_at > self._clock()
        closed = change(self._session, update(Grant).where(*under).values(revoked_at=self._clock()))
        self._session.expire_all()
        self._record(AuditAction.STANDING_ENDED, standing, things=closed)
        told = {*holders_of(self._session, standing), standing.applicant_id}
        link = f"/standing/{standing.id}"
        notify(self._session, self._clock, sorted(told), NoticeKind.STANDING_ENDED, link, number=standing.number)
        return standing

    def _check_time(self, wish: StandingWish) -> None:
        if wish.ends_at <= max(wish.starts_at, self._clock()):
            raise InvalidError(_("结束日期应在开始日期以后，并且没有过去。"), field="ends_on")
        if wish.ends_at - max(wish.starts_at, self._clock()) > LONGEST_STANDING:
            raise InvalidError(_("长期授权最长一年。"), field="ends_on")

    def _category(self, category_id: str) -> Category:
        category = self._session.get(Category, category_id)
        if category is None:
            raise InvalidError(_("请选择门类。"), field="category")
        if category.code.upper() in PERSONNEL:
            raise InvalidError(_("人事档案不能长期授权，请逐次申请。"), field="category")
        return category

    def _unit(self, unit_id: str, own_id: str) -> Unit:
        unit = self._session.get(Unit, unit_id)
        if unit is None or own_id not in _with_superiors(self._session, unit.id):
            raise InvalidError(_("只能授权阅览本部门及其下属机构的档案。"), field="unit")
        return unit

    def _post(self, applicant: Person, post_id: str) -> Post:
        post = self._session.get(Post, post_id)
        if post is None or post.closed_at is not None:
            raise InvalidError(_("请选择在用的岗位。"), field="post")
        heads = Role.DEPARTMENT_HEAD in applicant.roles and post.unit_id == applicant.unit_id
        if not (heads or Role.ARCHIVIST in applicant.roles or post in applicant.posts):
            raise ForbiddenError(_("只有在岗人员、部门负责人和档案员可以为岗位申请长期授权。"))
        return post

    def _record(self, action: AuditAction, standing: StandingAuthorisation, **details: object) -> None:
        said = {"number": standing.number, **details}
        record(self._session, self._clock, self._actor, action, "standing", standing.id, **said)


class StandingSubject:
    """Shown with holder, category, unit and time."""

    label = _("长期授权申请")

    def shown(self, session: Session, clock: Clock, case: ApprovalCase, person: Person) -> Shown:  # noqa: ARG002
        """The same for whoever decides: it names no record."""
        standing = standing_for(session, case)
        holder = standing.post.name if standing.post else standing.applicant.name
        return Shown(
            f"{standing.unit.name} · {standing.category.name}",
            [
                (_("授权给"), holder),
                (_("利用目的"), standing.purpose),
                (_("开始时间"), standing.starts_at),
                (_("结束时间"), standing.ends_at),
            ],
            f"/standing/{standing.id}",
        )

    def check(self, session: Session, clock: Clock, case: ApprovalCase) -> None:
        """Not for a time that is over, nor by whoever would read under it."""
        standing = standing_for(session, case)
        if clock() >= standing.ends_at:
            raise ConflictError(_("申请的授权时间已过，请不予同意，由申请人重新申请。"))
        deciders = {act.person_id for act in case.acts if act.kind is ActKind.APPROVED}
        deciders |= {act.behalf_id for act in case.acts if act.kind is ActKind.APPROVED}
        if deciders & set(holders_of(session, standing)):
            raise ConflictError(_("将按此授权阅览的人不得审批这项授权。"))

    def closed(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo, case: ApprovalCase) -> None:
        """The authorisation follows its case."""
        StandingService(session, clock, actor, zone).follow(case)


def standing_for(session: Session, case: ApprovalCase) -> StandingAuthorisation:
    """The authorisation that a case decides."""
    return session.get_one(StandingAuthorisation, case.subject_id)


def holders_of(session: Session, standing: StandingAuthorisation) -> Sequence[str]:
    """The ids of those who read under it now."""
    if standing.person_id is not None:
        return [standing.person_id]
    held = PostHolding.post_id == standing.post_id, PostHolding.ended_at.is_(None)
    return session.scalars(select(PostHolding.person_id).where(*held)).all()


def covering(session: Session, now: datetime, person: Person, item: Item) -> StandingAuthorisation | None:
    """The authorisation under which this person may read this item now; the one that lasts longest."""
    if not person.active or not may_stand(facts(item), item.category.code):
        return None
    his = or_(
        StandingAuthorisation.person_id == person.id,
        StandingAuthorisation.post_id.in_([post.id for post in person.posts]),
    )
    wanted = select(StandingAuthorisation).where(
        his,
        StandingAuthorisation.state == LineState.APPROVED,
        StandingAuthorisation.category_id == item.category_id,
        StandingAuthorisation.unit_id == item.unit_id,
        StandingAuthorisation.starts_at <= now,
        StandingAuthorisation.ends_at > now,
        StandingAuthorisation.ended_at.is_(None),
    )
    superiors = _with_superiors(session, item.unit_id)
    found = session.scalars(wanted.order_by(StandingAuthorisation.ends_at.desc(), StandingAuthorisation.id))
    own = (one for one in found if (one.post.unit_id if one.post else person.unit_id) in superiors)
    return next(own, None)


def close_lapsed(parts: Parts) -> int:
    """End grants under authorisations that no longer cover who reads or what is read: he left the post or the unit, or
    the record was closed. Returns how many. For the keeper.
    """
    with parts.database.reading() as session:
        lapsed = _lapsed(session, parts.clock())
    if not lapsed:
        return 0
    with parts.database.writing() as session:
        for grant in session.scalars(select(Grant).where(Grant.id.in_(lapsed), Grant.revoked_at.is_(None))):
            grant.revoked_at = parts.clock()
            details = {"item": grant.item_id, "number": grant.number, "standing": grant.standing_id}
            record(session, parts.clock, SYSTEM, AuditAction.GRANT_REVOKED, "grant", grant.id, **details)
    return len(lapsed)


def _lapsed(session: Session, now: datetime) -> list[str]:
    wanted = (
        select(Grant, Person, Item)
        .join(Person, Person.id == Grant.person_id)
        .join(Item, Item.id == Grant.item_id)
        .where(Grant.kind == GrantKind.STANDING, running_at(now))
        .options(joinedload(Item.category))
    )
    return [grant.id for grant, person, item in session.execute(wanted) if covering(session, now, person, item) is None]


def _with_superiors(session: Session, unit_id: str) -> set[str]:
    """The unit and all above it."""
    found: set[str] = set()
    current: str | None = unit_id
    while current is not None and current not in found:
        found.add(current)
        current = session.scalar(select(Unit.parent_id).where(Unit.id == current))
    return found
