"""Leaders do not come to the room: the desk serves them in one act, by a grant on the scan or a numbered copy.

The original is never sent. What was made in a leader's name is shown to him, to be confirmed or denied.
"""

from collections.abc import Sequence
from datetime import tzinfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from archive.borrowing.book import RequestBook, known_item
from archive.borrowing.models import (
    LeaderAnswer,
    LeaderOrder,
    LeaderWay,
    LineState,
    ReadingRequest,
    RequestLine,
)
from archive.borrowing.rules import MOST_LINES, Wanted, Wish, check_wish
from archive.platform.accounts.models import Person, Role
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.approval.chains import Asked
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change, new_id
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.grants import Grant
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import notify

__all__ = ["PAGE", "SERVED", "LeaderService", "leaders"]

PAGE = 20
#: what the desk may make for a leader
SERVED = (Asked.VIEW, Asked.COPY)
_BEARER_LENGTH = 100
_REMARK_LENGTH = 500


class LeaderService:
    """In the caller's transaction and in the actor's name. `zone` fixes the year in numbers."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._book = RequestBook(session, clock, actor, zone)

    def serve(
        self, archivist: Person, leader: Person, wanted: Sequence[Wanted], wish: Wish, way: LeaderWay, bearer: str = ""
    ) -> ReadingRequest:
        """Make what a leader asked for, in one act. `bearer`: who brought the word, for a secretary it has to be said.

        Raises ForbiddenError, InvalidError (field), NotFoundError (an item that the leader may not know of).
        """
        self._check(archivist, leader, way, bearer.strip())
        check_wish(wish, self._clock())
        if not wanted or len(wanted) > MOST_LINES:
            raise InvalidError(_("请选择文件和申请内容，一份最多 {most} 项。"), field="items", most=MOST_LINES)
        if any(one.asked not in SERVED for one in wanted):
            raise InvalidError(_("为领导只开放扫描件或制发复制件，原件不送出阅览室。"), field="items")
        self._book.reader(leader)
        items = [known_item(self._session, self._clock, leader, one.item_id) for one in wanted]
        order = LeaderOrder(
            id=new_id(),
            leader=leader,
            way=way,
            bearer=bearer.strip(),
            maker=archivist,
            made_at=self._clock(),
            remark="",
        )
        request = self._book.open(leader, wish, archivist)
        for one, item in dict.fromkeys(zip(wanted, items, strict=True)):
            line = self._book.add(request, item, one)
            line.order = order
            self._book.approve(line)
        notify(
            self._session,
            self._clock,
            [leader.id],
            NoticeKind.LEADER_SERVED,
            f"/requests/{request.id}",
            number=request.number,
            archivist=archivist.name,
        )
        self._record(AuditAction.LEADER_SERVED, order, number=request.number, way=way, name=order.bearer)
        return request

    def answer(self, order_id: str, leader: Person, answer: LeaderAnswer, remark: str = "") -> LeaderOrder:
        """The leader confirms or denies, once; what he denies ends at once, and its maker is told.

        Raises NotFoundError (not his), ConflictError (answered already), InvalidError (denied without a word).
        """
        order = self._session.get(LeaderOrder, order_id, with_for_update=True, populate_existing=True)
        if order is None or order.leader_id != leader.id:
            raise NotFoundError(_("没有这项查阅。"))
        if order.answer is not None:
            raise ConflictError(_("您已经答复过。"))
        if (answer is LeaderAnswer.DENIED and not remark.strip()) or len(remark) > _REMARK_LENGTH:
            raise InvalidError(_("请写明情况，不超过 {most} 字。"), field="remark", most=_REMARK_LENGTH)
        order.answer, order.answered_at, order.remark = answer, self._clock(), remark.strip()
        self._session.flush()
        if answer is LeaderAnswer.DENIED:
            self._take_back(order)
        self._record(AuditAction.LEADER_ANSWERED, order, answer=answer)
        return order

    def orders(self, person: Person, page: int) -> tuple[int, Sequence[ReadingRequest]]:
        """How many were made for this leader, or by the desk for any of them, and one page, the newest first."""
        wanted = select(ReadingRequest).where(ReadingRequest.lines.any(RequestLine.order_id.is_not(None)))
        if Permission.DESK not in permissions_of(person.roles):
            wanted = wanted.where(ReadingRequest.reader_id == person.id)
        total = self._session.scalar(wanted.with_only_columns(func.count()))
        lines = selectinload(ReadingRequest.lines)
        rows = wanted.order_by(ReadingRequest.created_at.desc(), ReadingRequest.id.desc()).options(
            joinedload(ReadingRequest.reader),
            lines.joinedload(RequestLine.item),
            lines.joinedload(RequestLine.order).joinedload(LeaderOrder.maker),
        )
        return total or 0, self._session.scalars(rows.offset((page - 1) * PAGE).limit(PAGE)).all()

    def _check(self, archivist: Person, leader: Person, way: LeaderWay, bearer: str) -> None:
        if Permission.DESK not in permissions_of(archivist.roles):
            raise ForbiddenError(_("只有档案员可以为领导办理查阅。"))
        if Role.LEADER not in leader.roles or not leader.active:
            raise InvalidError(_("请选择分管领导。"), field="leader")
        if leader.id == archivist.id:
            raise ForbiddenError(_("不能为自己办理，请由另一位档案员办理。"))
        if (way is LeaderWay.SECRETARY and not bearer) or len(bearer) > _BEARER_LENGTH:
            raise InvalidError(_("请写明由谁转达，不超过 {most} 字。"), field="bearer", most=_BEARER_LENGTH)

    def _take_back(self, order: LeaderOrder) -> None:
        of_order = select(RequestLine).where(RequestLine.order_id == order.id).options(joinedload(RequestLine.request))
        lines = self._session.scalars(of_order).all()
        ids = [line.grant_id for line in lines if line.grant_id]
        running = Grant.id.in_(ids), Grant.revoked_at.is_(None), Grant.ends_at > self._clock()
        change(self._session, update(Grant).where(*running).values(revoked_at=self._clock()))
        for line in lines:
            # A copy that was not made yet is not made any more.
            if line.asked is Asked.COPY:
                line.state = LineState.WITHDRAWN
        self._session.flush()
        self._session.expire_all()
        number = lines[0].request.number
        link = f"/requests/{lines[0].request_id}"
        kind = NoticeKind.LEADER_DENIED
        notify(self._session, self._clock, [order.made_by], kind, link, number=number, leader=order.leader.name)

    def _record(self, action: AuditAction, order: LeaderOrder, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "leader_order", order.id, **details)


def leaders(session: Session) -> Sequence[Person]:
    """Those for whom the desk may make something."""
    wanted = select(Person).where(Person.active, Person.holdings.any(role=Role.LEADER))
    return session.scalars(wanted.order_by(Person.name)).all()
