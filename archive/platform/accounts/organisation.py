"""The tree of units and the posts in them: changes, and the tree as it is shown."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person, Post, PostHolding, Unit
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.i18n import _

__all__ = ["OrganisationService", "UnitLine", "holders_of", "unit_lines"]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit in the tree: `depth` from 0, and how many people with an account belong to it directly."""

    unit: Unit
    depth: int
    people: int


def unit_lines(session: Session, *, closed: bool = False) -> list[UnitLine]:
    """Every unit, each followed by those below it, by code; those that were closed only if asked for."""
    found = select(Unit).order_by(Unit.code)
    units = session.scalars(found if closed else found.where(Unit.closed_at.is_(None))).all()
    counted = select(Person.unit_id, func.count()).where(Person.active).group_by(Person.unit_id)
    people = dict(session.execute(counted).all())
    shown = {unit.id for unit in units}
    below: dict[str | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in shown else None, []).append(unit)
    lines: list[UnitLine] = []
    waiting = [(unit, 0) for unit in reversed(below.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        lines.append(UnitLine(unit, depth, people.get(unit.id, 0)))
        waiting += [(child, depth + 1) for child in reversed(below.get(unit.id, []))]
    return lines


def holders_of(session: Session, unit: Unit) -> list[tuple[Post, list[PostHolding]]]:
    """The posts of a unit that are not closed, by name, each with who holds it now."""
    posts = session.scalars(select(Post).where(Post.unit_id == unit.id, Post.closed_at.is_(None)).order_by(Post.name))
    now = select(PostHolding).join(PostHolding.post).where(Post.unit_id == unit.id, PostHolding.ended_at.is_(None))
    held: dict[str, list[PostHolding]] = {}
    for holding in session.scalars(now.order_by(PostHolding.began_at)):
        held.setdefault(holding.post_id, []).append(holding)
    return [(post, held.get(post.id, [])) for post in posts]


class OrganisationService:
    """Changes to units and posts, in the caller's transaction and in the actor's name."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def change_unit(self, unit: Unit, name: str, parent: Unit | None) -> None:
        """Another name or another place in the tree; the code stays, archival codes hold it.

        Raises InvalidError (no name; a place below itself), ConflictError (a closed unit).
        """
        _check_open(unit.closed_at)
        if not name:
            raise InvalidError(_("请填写机构名称。"), field="name")
        before = (unit.name, unit.parent_id)
        if parent is not None and parent.id != unit.parent_id:
            self._check_place(unit, parent)
        unit.name, unit.parent_id = name, parent.id if parent else None
        changed = [
            field
            for field, old, new in zip(("name", "parent"), before, (name, unit.parent_id), strict=True)
            if old != new
        ]
        if changed:
            self._record(AuditAction.UNIT_CHANGED, "unit", unit.id, changed=changed)

    def close_unit(self, unit: Unit) -> None:
        """The unit ends with its posts; what was filed for it stays. Raises ConflictError while it is in use."""
        _check_open(unit.closed_at)
        people = self._count(select(Person.id).where(Person.unit_id == unit.id, Person.active))
        below = self._count(select(Unit.id).where(Unit.parent_id == unit.id, Unit.closed_at.is_(None)))
        held = self._count(self._held().where(Post.unit_id == unit.id))
        if people or below or held:
            raise ConflictError(
                _("该机构还有 {people} 个在用账户、{below} 个下级机构、{held} 人在岗，请先调整后再撤销。"),
                people=people,
                below=below,
                held=held,
            )
        for post in self._session.scalars(select(Post).where(Post.unit_id == unit.id, Post.closed_at.is_(None))):
            self._close(post)
        unit.closed_at = self._clock()
        self._record(AuditAction.UNIT_CLOSED, "unit", unit.id)

    def rename_post(self, post: Post, name: str) -> None:
        """Another name for the same post. Raises InvalidError (no name), ConflictError (taken, closed)."""
        _check_open(post.closed_at)
        if not name:
            raise InvalidError(_("请填写岗位名称。"), field="name")
        if name == post.name:
            return
        if self._count(select(Post.id).where(Post.unit_id == post.unit_id, Post.name == name)):
            raise ConflictError(_("该机构已有名为 {name} 的岗位。"), name=name)
        post.name = name
        self._record(AuditAction.POST_CHANGED, "post", post.id, changed=["name"])

    def close_post(self, post: Post) -> None:
        """The post ends; its history stays. Raises ConflictError while somebody holds it."""
        _check_open(post.closed_at)
        if self._count(self._held().where(Post.id == post.id)):
            raise ConflictError(_("还有人在此岗位，请先办理离岗。"))
        self._close(post)

    def _close(self, post: Post) -> None:
        post.closed_at = self._clock()
        self._record(AuditAction.POST_CLOSED, "post", post.id, unit=post.unit_id)

    def _check_place(self, unit: Unit, parent: Unit) -> None:
        """Whoever moves a unit below itself would cut it off the tree."""
        _check_open(parent.closed_at)
        above: Unit | None = parent
        seen: set[str] = set()
        while above is not None and above.id not in seen:
            if above.id == unit.id:
                raise InvalidError(_("上级机构不能是本机构或其下级机构。"), field="parent")
            seen.add(above.id)
            above = self._session.get(Unit, above.parent_id) if above.parent_id else None

    def _held(self) -> Select[str]:
        return select(PostHolding.id).join(PostHolding.post).where(PostHolding.ended_at.is_(None))

    def _count(self, found: Select[str]) -> int:
        return self._session.scalar(select(func.count()).select_from(found.subquery())) or 0

    def _record(self, action: AuditAction, kind: str, subject: str, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, kind, subject, **details)


def _check_open(closed_at: datetime | None) -> None:
    if closed_at is not None:
        raise ConflictError(_("该机构或岗位已撤销。"))
