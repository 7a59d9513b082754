"""Telling people: a row for each, in the transaction of what they are told of; and what they do with it."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person
from archive.platform.db import Clock, change
from archive.platform.errors import InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.notifications.kinds import ALWAYS, LABELS, NoticeKind
from archive.platform.notifications.models import Notice, NoticeChoice, Way

__all__ = ["PAGE", "NoticeService", "mark_done", "notify"]

#: notices on one page
PAGE = 20


def notify(session: Session, clock: Clock, people: Iterable[str], kind: NoticeKind, link: str, **facts: str) -> None:
    """Tell these people (ids), once each. `facts` are numbers and names, never titles or words of records."""
    for person_id in dict.fromkeys(people):
        session.add(Notice(person_id=person_id, kind=kind, link=link, facts=facts, created_at=clock()))


def mark_done(session: Session, clock: Clock, link: str, *kinds: NoticeKind) -> None:
    """Say that what notices of these kinds asked for at `link` is seen to: nobody need do it any more."""
    session.flush()
    asked = update(Notice).where(Notice.link == link, Notice.kind.in_(kinds), Notice.done_at.is_(None))
    change(session, asked.values(done_at=clock()))


class NoticeService:
    """The notices of one person, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def unread(self, person: Person) -> int:
        """How many he has not read."""
        mine = select(func.count()).select_from(Notice).where(Notice.person_id == person.id, Notice.read_at.is_(None))
        return self._session.scalar(mine) or 0

    def mine(self, person: Person, page: int) -> tuple[int, Sequence[Notice]]:
        """How many he has, and one page of them (from 1): unread ones first, then the newest."""
        mine = select(Notice).where(Notice.person_id == person.id)
        total = self._session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        ordered = mine.order_by(Notice.read_at.is_not(None), Notice.created_at.desc(), Notice.id.desc())
        return total, self._session.scalars(ordered.offset((page - 1) * PAGE).limit(PAGE)).all()

    def open(self, notice_id: str, person: Person) -> Notice:
        """One of his notices, read from now on. Raises NotFoundError."""
        found = self._session.get(Notice, notice_id)
        if found is None or found.person_id != person.id:
            raise NotFoundError(_("没有这条消息。"))
        found.read_at = found.read_at or self._clock()
        return found

    def read_all(self, person: Person) -> int:
        """Everything he has is read; returns how many were not."""
        unread = update(Notice).where(Notice.person_id == person.id, Notice.read_at.is_(None))
        return change(self._session, unread.values(read_at=self._clock()))

    def choices(self, person: Person) -> dict[NoticeKind, Way]:
        """How he is told of each kind by e-mail."""
        made = select(NoticeChoice.kind, NoticeChoice.way).where(NoticeChoice.person_id == person.id)
        return dict.fromkeys(LABELS, Way.AT_ONCE) | dict(self._session.execute(made).all())

    def choose(self, person: Person, ways: Mapping[NoticeKind, Way]) -> None:
        """Change it. Raises InvalidError for a kind that cannot be switched off."""
        rows = select(NoticeChoice).where(NoticeChoice.person_id == person.id)
        made = {row.kind: row for row in self._session.scalars(rows)}
        for kind, way in ways.items():
            if way is Way.NOT and kind in ALWAYS:
                raise InvalidError(_("这类消息不能关闭邮件。"), field=kind)
            if kind in made:
                made[kind].way = way
            elif way is not Way.AT_ONCE:
                self._session.add(NoticeChoice(person_id=person.id, kind=kind, way=way))
