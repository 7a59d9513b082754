"""What stands in the place of a case, on both databases: standing authorisations, signed forms, orders of leaders."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from itertools import product
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from archive.borrowing.copies.models import CopyKind, IssuedCopy
from archive.borrowing.display import status_of, way_of
from archive.borrowing.leaders import LeaderService
from archive.borrowing.models import (
    LeaderAnswer,
    LeaderWay,
    LineState,
    ReadingRequest,
    RequestLine,
    StandingAuthorisation,
)
from archive.borrowing.queries import BorrowingQueries, approved_lines, readings_without_approval
from archive.borrowing.rules import LONGEST_STANDING, Wanted, Wish
from archive.borrowing.service import BorrowingService
from archive.borrowing.signed_forms import LARGEST_SCAN, Needed, Scan, Signature, SignedFormService, keep_scan
from archive.borrowing.standing import StandingService, StandingWish, covering
from archive.catalogue.models import Category, Control, Item, NumberAt, Secrecy, TradeSecrecy
from archive.catalogue.service import facts
from archive.handlers import approval_subjects
from archive.platform.accounts.models import Person, Role
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM, Actor
from archive.platform.approval.chains import Asked
from archive.platform.approval.decisions import Decisions
from archive.platform.approval.inbox import Inbox
from archive.platform.approval.workflow import Verdict
from archive.platform.db import Database, new_id
from archive.platform.errors import ConflictError, DangguiError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.grants import Grant, GrantKind, GrantState, Place
from archive.platform.guard import Act, Guard, Reason
from archive.platform.local_time import typed_moment
from archive.platform.notifications.models import Notice
from storage.filesystem import FilesystemStore
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_item, make_organisation
from tests.unit.people.test_borrowing import ZONE

_SCAN = Scan("f" * 36, "evidence/signed-forms/1", "application/pdf", 5, "0" * 64)


class Desk:
    """The enterprise with a workshop below the engineering department, whose records its reader is to read."""

    def __init__(self, session: Session, clock: SetClock, organisation: Organisation) -> None:
        self.session, self.clock, self.organisation = session, clock, organisation
        accounts = AccountService(session, clock, SYSTEM)
        self.workshop = accounts.create_unit("CJ", "一车间", organisation.units["GCB"])
        organisation.units["CJ"] = self.workshop
        self.leader = accounts.create_person("leader", "高远", organisation.units["BGS"], (Role.LEADER,))
        organisation.people["leader"] = self.leader
        self.accounts = accounts

    def person(self, login: str) -> Person:
        """Somebody of the enterprise."""
        return self.organisation.people[login]

    def as_(self, login: str) -> tuple[Session, SetClock, Actor, object]:
        """What a service of his is made with."""
        return self.session, self.clock, Actor(self.person(login).id, self.person(login).name), ZONE

    def item(self, unit: str = "CJ", **facets: object) -> Item:
        """An item of the workshop."""
        return make_item(self.session, self.organisation, "设备台账", unit=unit, **facets)  # type: ignore[arg-type]

    def wish(self, hours: float = 24) -> Wish:
        """From now on."""
        return Wish("设备检修", self.clock(), self.clock() + timedelta(hours=hours))

    def ask(self, login: str, *wanted: Wanted, hours: float = 24) -> ReadingRequest:
        """Somebody asks."""
        return BorrowingService(*self.as_(login)).request_reading(  # type: ignore[arg-type]
            self.person(login), wanted, self.wish(hours)
        )

    def standing(self, login: str = "engineer", /, **more: object) -> StandingAuthorisation:
        """Somebody asks for a standing authorisation on the workshop's records, for a month."""
        wish = StandingWish(
            self.organisation.category.id,
            self.workshop.id,
            "设备检修",
            self.clock(),
            self.clock() + timedelta(days=30),
        )
        service = StandingService(*self.as_(login))  # type: ignore[arg-type]
        return service.ask(self.person(login), replace(wish, **more))  # type: ignore[arg-type]

    def approve(self, *logins: str) -> None:
        """These approve whatever is first in their inboxes, one after the other."""
        for login in logins:
            person = self.person(login)
            step = Inbox(self.session, self.clock).due(person)[1][0]
            decisions = Decisions(*self.as_(login), approval_subjects())  # type: ignore[arg-type]
            decisions.decide(step.id, person, Verdict.APPROVE)

    def end(self, standing: StandingAuthorisation, login: str, reason: str = "工作调整") -> None:
        """Somebody ends it."""
        StandingService(*self.as_(login)).end(standing.id, self.person(login), reason)  # type: ignore[arg-type]

    def reads(self, login: str, item: Item) -> Reason | None:
        """Why he may read at a seat, or None."""
        decision = Guard(self.session, self.clock, "seat").decide(self.person(login), facts(item), Act.READ)
        return decision.reason if decision.allowed else None


@pytest.fixture
def desk(session: Session, clock: SetClock, organisation: Organisation) -> Desk:
    """The desk of the invented enterprise."""
    return Desk(session, clock, organisation)


@pytest.fixture
def standing(desk: Desk) -> StandingAuthorisation:
    """One that holds. The workshop has no head: the director decides in his place, once."""
    made = desk.standing()
    desk.approve("director", "archivist")
    return made


def test_reading_under_it_is_registered_without_a_new_approval(desk: Desk, standing: StandingAuthorisation) -> None:
    """Numbered; each time a grant of its own, at once, never longer than it; whoever else asks needs a case."""
    assert (standing.number, standing.state) == ("S2021-0001", LineState.APPROVED)
    item = desk.item()
    line = desk.ask("engineer", Wanted(item.id)).lines[0]
    assert (line.state, line.case, line.standing) == (LineState.APPROVED, None, standing)
    assert line.grant is not None
    assert (line.grant.kind, line.grant.standing_id) == (GrantKind.STANDING, standing.id)
    assert desk.reads("engineer", item) is Reason.STANDING
    assert desk.ask("accountant", Wanted(item.id)).lines[0].state is LineState.OPEN
    assert desk.ask("engineer", Wanted(item.id, Asked.COPY)).lines[0].state is LineState.OPEN
    desk.clock.pass_time(timedelta(days=29, hours=12))
    late = desk.ask("engineer", Wanted(desk.item().id)).lines[0]
    assert late.grant is not None
    assert late.grant.ends_at == standing.ends_at
    desk.clock.pass_time(timedelta(hours=12))
    assert desk.ask("engineer", Wanted(desk.item().id)).lines[0].state is LineState.OPEN
    assert readings_without_approval(desk.session) == 0


def test_never_for_a_secret_or_personnel_record(desk: Desk, standing: StandingAuthorisation) -> None:
    """Whatever class, secrecy and category: only open records are covered, even if a row says otherwise."""
    now, reader = desk.clock(), desk.person("engineer")
    personnel = Category(
        fonds_id=desk.organisation.category.fonds_id,
        code="RS",
        name="人事",
        code_pattern="{fonds}-{category}·{year}-{retention}-{unit}-{number:04}",
        number_at=NumberAt.ACCEPTANCE,
    )
    desk.session.add(personnel)
    desk.session.flush()
    with pytest.raises(InvalidError, match="人事"), desk.session.begin_nested():
        desk.standing(category_id=personnel.id)
    row = {column.key: getattr(standing, column.key) for column in StandingAuthorisation.__table__.columns}
    desk.session.add(StandingAuthorisation(**{**row, "id": new_id(), "number": "S-x", "category_id": personnel.id}))
    item = desk.item()
    tried = 0
    for control, secrecy, trade, category in product(
        Control, Secrecy, TradeSecrecy, (desk.organisation.category, personnel)
    ):
        item.control, item.secrecy, item.trade_secrecy, item.category = control, secrecy, trade, category
        desk.session.flush()
        open_record = control in {Control.PUBLIC, Control.INTERNAL} and category is not personnel
        harmless = open_record and secrecy is Secrecy.NONE and trade is TradeSecrecy.NONE
        assert (covering(desk.session, now, reader, item) is not None) == harmless, (control, secrecy, trade)
        tried += 1
    assert tried == len(Control) * len(Secrecy) * len(TradeSecrecy) * 2


def test_ending_it_closes_what_was_opened(desk: Desk, standing: StandingAuthorisation) -> None:
    """Head of the unit or archivist end it, with a reason, once; the grants made under it end with it."""
    item = desk.item()
    desk.ask("engineer", Wanted(item.id))
    for login in ("engineer", "accountant", "finance_head", "sysadmin"):
        with pytest.raises(ForbiddenError):
            desk.end(standing, login)
    with pytest.raises(InvalidError):
        desk.end(standing, "archivist", " ")
    desk.end(standing, "archivist")
    assert desk.reads("engineer", item) is None
    assert desk.session.scalars(select(Grant)).one().state_at(desk.clock()) is GrantState.REVOKED
    assert desk.ask("engineer", Wanted(item.id)).lines[0].state is LineState.OPEN
    with pytest.raises(ConflictError):
        desk.end(standing, "archivist")
    told = desk.session.scalars(select(Notice.facts).where(Notice.kind == "standing_ended")).all()
    assert told == [{"number": "S2021-0001"}]
    assert readings_without_approval(desk.session) == 0


def test_it_belongs_to_the_post(desk: Desk) -> None:
    """Whoever holds the post reads under it, and no longer when he has left it."""
    engineer = desk.person("engineer")
    post = desk.accounts.post_in(desk.organisation.units["GCB"], "设备员")
    with pytest.raises(ForbiddenError), desk.session.begin_nested():
        desk.standing(post_id=post.id)
    holding = desk.accounts.begin_holding(engineer, post)
    standing = desk.standing(post_id=post.id)
    desk.approve("director", "archivist")
    item = desk.item()
    assert covering(desk.session, desk.clock(), engineer, item) is standing
    desk.accounts.end_holding(holding)
    assert covering(desk.session, desk.clock(), engineer, item) is None


def test_who_would_read_under_it_does_not_approve_it(desk: Desk) -> None:
    """A post held by the director is not authorised by the director."""
    post = desk.accounts.post_in(desk.organisation.units["GCB"], "设备员")
    desk.accounts.begin_holding(desk.person("engineer"), post)
    desk.accounts.begin_holding(desk.person("director"), post)
    desk.standing(post_id=post.id)
    with pytest.raises(ConflictError, match="不得审批"), desk.session.begin_nested():
        desk.approve("director")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"unit": "CWB"}, "unit"),
        ({"days": 367}, "ends_on"),
        ({"days": -1}, "ends_on"),
        ({"purpose": " "}, "purpose"),
    ],
)
def test_a_useless_authorisation_is_refused(desk: Desk, more: dict[str, object], field: str) -> None:
    """Another department's records, more than a year, a time that is over, no purpose: the field is named."""
    if "unit" in more:
        more = {"unit_id": desk.organisation.units["CWB"].id}
    elif isinstance(days := more.get("days"), int):
        more = {"ends_at": desk.clock() + timedelta(days=days)}
    with pytest.raises(InvalidError) as refused:
        desk.standing(**more)
    assert refused.value.field == field
    assert timedelta(days=365) <= LONGEST_STANDING <= timedelta(days=366)


# --- paper forms ---


def forms(desk: Desk, login: str = "archivist") -> SignedFormService:
    """The service in somebody's name."""
    return SignedFormService(*desk.as_(login))  # type: ignore[arg-type]


def signed(desk: Desk, needed: list[Needed], *logins: str) -> list[Signature]:
    """Signatures of an hour ago, in the order of what is needed."""
    assert len(needed) == len(logins)
    return [Signature(desk.person(login).id, desk.clock() - timedelta(hours=1)) for login in logins]


def test_a_signed_form_approves(desk: Desk) -> None:
    """Head, leader and archivist signed: the original may be read, the scan opens, and both are proven by the form."""
    item, reader = desk.item("CWB"), desk.person("engineer")
    wanted = [Wanted(item.id), Wanted(item.id, Asked.PAPER)]
    needed = forms(desk).needed(reader, wanted, desk.wish())
    assert [[one.name for one in step.people] for step in needed] == [["钱明"], ["何守", "沈鉴"], ["高远"]]
    signatures = signed(desk, needed, "finance_head", "archivist", "leader")
    request = forms(desk).enter(desk.person("archivist"), reader, wanted, desk.wish(), signatures, _SCAN)
    assert {line.state for line in request.lines} == {LineState.APPROVED}
    assert request.enterer is desk.person("archivist")
    assert desk.reads("engineer", item) is Reason.GRANT
    assert approved_lines(desk.session, Asked.PAPER) == [request.lines[1]]
    assert readings_without_approval(desk.session) == 0


def test_a_form_needs_the_right_signatures(desk: Desk) -> None:
    """Not a wrong signer, the applicant, nobody, or a signature of tomorrow; not one's own form; not by a reader."""
    item, reader, archivist = desk.item("CWB"), desk.person("engineer"), desk.person("archivist")
    wanted, service = [Wanted(item.id)], forms(desk)
    good = signed(desk, service.needed(reader, wanted, desk.wish()), "finance_head", "archivist")
    late = Signature(good[1].signer_id, desk.clock() + timedelta(minutes=1))
    wrong = Signature(desk.person("engineering_head").id, good[0].signed_at)
    himself = Signature(reader.id, good[0].signed_at)
    for bad in ([wrong, good[1]], [himself, good[1]], [good[0], late], good[:1], []):
        with pytest.raises(InvalidError), desk.session.begin_nested():
            service.enter(archivist, reader, wanted, desk.wish(), bad, _SCAN)
    for clerk, whose in (("accountant", reader), ("archivist", archivist)):
        with pytest.raises(ForbiddenError), desk.session.begin_nested():
            forms(desk, clerk).enter(desk.person(clerk), whose, wanted, desk.wish(), good, _SCAN)
    with pytest.raises(InvalidError, match="不需要审批"):
        service.needed(desk.person("accountant"), [Wanted(item.id, Asked.PAPER)], desk.wish())
    with pytest.raises(NotFoundError):
        service.needed(reader, [Wanted(desk.item("CWB", control=Control.WORK_SECRET).id)], desk.wish())
    assert desk.session.scalars(select(ReadingRequest)).all() == []


def test_a_form_for_what_waits_online_is_refused_with_its_number(desk: Desk) -> None:
    """The reader takes back his request first: nothing is approved twice."""
    item, reader = desk.item("CWB"), desk.person("engineer")
    desk.ask("engineer", Wanted(item.id))
    needed = forms(desk).needed(reader, [Wanted(item.id)], desk.wish())
    good = signed(desk, needed, "finance_head", "archivist")
    with pytest.raises(ConflictError, match="2021-0001"):
        forms(desk).enter(desk.person("archivist"), reader, [Wanted(item.id)], desk.wish(), good, _SCAN)


@pytest.mark.parametrize("data", [b"", b"MZ\x90", b"<svg onload=alert(1)>", b"%PDF-" + b"0" * LARGEST_SCAN])
def test_a_form_needs_its_scan(data: bytes, tmp_path: Path) -> None:
    """Nothing, a program, a script, or a file that is too large: said at the field, and nothing is kept."""
    store = FilesystemStore(tmp_path)
    with pytest.raises(InvalidError) as refused:
        keep_scan(store, BytesIO(data) if data else None)
    assert refused.value.field == "scan"
    assert list(store.list()) == []


def test_the_scan_lies_in_the_store(tmp_path: Path) -> None:
    """With the digest that the row keeps."""
    store = FilesystemStore(tmp_path)
    scan = keep_scan(store, BytesIO(b"%PDF-1.7 signed"))
    assert sha256(store.read(scan.key)).hexdigest() == scan.sha256
    assert (scan.media_type, scan.size) == ("application/pdf", 15)


# --- leaders ---


def leader_service(desk: Desk, login: str = "archivist") -> LeaderService:
    """The service in somebody's name."""
    return LeaderService(*desk.as_(login))  # type: ignore[arg-type]


def serve(desk: Desk, *wanted: Wanted, way: LeaderWay = LeaderWay.SECRETARY, bearer: str = "小周") -> ReadingRequest:
    """The desk serves the leader, as his secretary asked."""
    service = leader_service(desk)
    return service.serve(desk.person("archivist"), desk.leader, wanted, desk.wish(), way, bearer)


def test_a_leader_is_served_in_one_act(desk: Desk) -> None:
    """The scan opens at once, wherever he is; a copy is ordered; he is told, and confirms once."""
    item = desk.item("CWB")
    request = serve(desk, Wanted(item.id), Wanted(item.id, Asked.COPY, "1"))
    grant = request.lines[0].grant
    assert grant is not None
    assert (grant.kind, grant.place) == (GrantKind.LEADER, Place.ANYWHERE)
    assert Guard(desk.session, desk.clock).decide(desk.leader, facts(item), Act.READ).allowed
    assert not Guard(desk.session, desk.clock).decide(desk.leader, facts(item), Act.DOWNLOAD).allowed
    assert approved_lines(desk.session, Asked.COPY) == [request.lines[1]]
    notice = desk.session.scalars(select(Notice).where(Notice.kind == "leader_served")).one()
    assert (notice.person_id, notice.link) == (desk.leader.id, f"/requests/{request.id}")
    order_id = request.lines[0].order_id or ""
    with pytest.raises(NotFoundError):
        leader_service(desk, "engineer").answer(order_id, desk.person("engineer"), LeaderAnswer.CONFIRMED)
    order = leader_service(desk, "leader").answer(order_id, desk.leader, LeaderAnswer.CONFIRMED)
    assert (order.way, order.bearer, order.answer) == (LeaderWay.SECRETARY, "小周", LeaderAnswer.CONFIRMED)
    with pytest.raises(ConflictError):
        leader_service(desk, "leader").answer(order_id, desk.leader, LeaderAnswer.DENIED, "记错了")
    assert readings_without_approval(desk.session) == 0


@pytest.mark.parametrize("asked", [Asked.PAPER, Asked.DOWNLOAD, Asked.CERTIFICATE])
def test_the_original_is_never_sent(desk: Desk, asked: Asked) -> None:
    """Neither paper nor a file to keep."""
    with pytest.raises(InvalidError, match="原件不送出"):
        serve(desk, Wanted(desk.item("CWB").id, asked))


def test_only_the_desk_serves_and_only_leaders(desk: Desk) -> None:
    """Not a reader, not for a head; a secretary is named; what a leader may not know of stays closed to him."""
    item = desk.item("CWB")
    with pytest.raises(ForbiddenError):
        leader_service(desk, "engineer").serve(
            desk.person("engineer"), desk.leader, [Wanted(item.id)], desk.wish(), LeaderWay.TELEPHONE
        )
    with pytest.raises(InvalidError):
        leader_service(desk).serve(
            desk.person("archivist"), desk.person("finance_head"), [Wanted(item.id)], desk.wish(), LeaderWay.TELEPHONE
        )
    with pytest.raises(InvalidError):
        serve(desk, Wanted(item.id), bearer=" ")
    with pytest.raises(NotFoundError):
        serve(desk, Wanted(desk.item("CWB", control=Control.WORK_SECRET).id))


def test_what_a_leader_denies_ends_at_once(desk: Desk) -> None:
    """The grant ends, the copy is not made, and whoever made it is told."""
    item = desk.item("CWB")
    request = serve(desk, Wanted(item.id), Wanted(item.id, Asked.COPY))
    order_id = request.lines[0].order_id or ""
    with pytest.raises(InvalidError):
        leader_service(desk, "leader").answer(order_id, desk.leader, LeaderAnswer.DENIED)
    leader_service(desk, "leader").answer(order_id, desk.leader, LeaderAnswer.DENIED, "没有要求过")
    assert not Guard(desk.session, desk.clock).decide(desk.leader, facts(item), Act.READ).allowed
    assert approved_lines(desk.session, Asked.COPY) == []
    told = desk.session.scalars(select(Notice).where(Notice.kind == "leader_denied")).one()
    assert told.person_id == desk.person("archivist").id


# --- what rests on nothing ---


def test_the_database_refuses_a_line_approved_by_nothing(desk: Desk) -> None:
    """Whoever writes: approved without case, authorisation, form or order is no state a row can have."""
    line = desk.ask("engineer", Wanted(desk.item("CWB").id)).lines[0]
    desk.session.flush()
    with pytest.raises(IntegrityError), desk.session.begin_nested():
        desk.session.execute(
            text("UPDATE request_line SET state = 'approved', case_id = NULL WHERE id = :id"), {"id": line.id}
        )


def test_readings_without_approval_are_counted(desk: Desk) -> None:
    """A line marked approved while its case is open, a loose grant, and one in another's name: each is found."""
    item = desk.item("CWB")
    line = desk.ask("engineer", Wanted(item.id)).lines[0]
    assert readings_without_approval(desk.session) == 0
    line.state = LineState.APPROVED
    desk.session.flush()
    assert readings_without_approval(desk.session) == 1
    grant = Grant(
        number="2021-0099-01",
        kind=GrantKind.APPROVED,
        person_id=desk.person("engineer").id,
        item_id=item.id,
        purpose="私下",
        starts_at=desk.clock(),
        ends_at=desk.clock() + timedelta(hours=1),
        created_at=desk.clock(),
    )
    desk.session.add(grant)
    desk.session.flush()
    assert readings_without_approval(desk.session) == 2
    desk.approve("finance_head", "archivist")
    assert line.grant is not None
    assert readings_without_approval(desk.session) == 1
    desk.session.delete(grant)
    line.grant.person_id = desk.person("engineering_head").id
    desk.session.flush()
    assert readings_without_approval(desk.session) == 1


def test_times_over_a_clock_change() -> None:
    """A day that begins or ends where the clocks change is as long as that day was: 23 hours, or 25."""
    zone = ZoneInfo("Europe/Berlin")
    spring = [typed_moment("x", day, zone) for day in ("2021-03-28T00:00", "2021-03-29T00:00")]
    autumn = [typed_moment("x", day, zone) for day in ("2021-10-31T00:00", "2021-11-01T00:00")]
    assert (spring[1] - spring[0], autumn[1] - autumn[0]) == (timedelta(hours=23), timedelta(hours=25))


# --- at the same moment, and in great number ---


def both(database: Database, *acts: Callable[[Session], object]) -> list[str]:
    """Do these at the same moment, each in a transaction of its own; what came of each."""
    start = Barrier(len(acts))

    def one(act: Callable[[Session], object]) -> str:
        start.wait()
        try:
            with database.writing() as session:
                act(session)
                return "done"
        except DangguiError as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))


def test_the_same_asked_for_twice_at_once(database: Database, clock: SetClock) -> None:
    """Pressed twice: one request, and one refusal."""
    with database.writing() as session:
        desk = Desk(session, clock, make_organisation(session, clock))
        item_id, reader_id = desk.item("CWB").id, desk.person("engineer").id

    def ask(session: Session) -> None:
        reader = session.get_one(Person, reader_id)
        service = BorrowingService(session, clock, Actor(reader.id, reader.name), ZONE)
        service.request_reading(reader, [Wanted(item_id)], Wish("核对", clock(), clock() + timedelta(hours=1)))

    assert both(database, ask, ask) == ["ConflictError", "done"]
    with database.reading() as session:
        assert len(session.scalars(select(ReadingRequest)).all()) == 1


def test_withdrawn_while_being_approved(database: Database, clock: SetClock) -> None:
    """One of the two holds, and the line, its case and its grant agree on which."""
    with database.writing() as session:
        desk = Desk(session, clock, make_organisation(session, clock))
        request = desk.ask("engineer", Wanted(desk.item("CWB").id))
        desk.approve("finance_head")
        request_id, step_id = request.id, Inbox(session, clock).due(desk.person("archivist"))[1][0].id
        reader_id, archivist_id = desk.person("engineer").id, desk.person("archivist").id

    def withdraw(session: Session) -> None:
        reader = session.get_one(Person, reader_id)
        BorrowingService(session, clock, Actor(reader.id, reader.name), ZONE).withdraw(request_id, reader)

    def approve(session: Session) -> None:
        archivist = session.get_one(Person, archivist_id)
        actor = Actor(archivist.id, archivist.name)
        Decisions(session, clock, actor, ZONE, approval_subjects()).decide(step_id, archivist, Verdict.APPROVE)

    assert both(database, withdraw, approve) == ["ConflictError", "done"]
    with database.reading() as session:
        line = session.scalars(select(RequestLine)).one()
        assert line.case is not None
        assert line.state.value == line.case.state.value
        assert (line.grant is not None) == (line.state is LineState.APPROVED)
        assert readings_without_approval(session) == 0


def test_somebody_who_left_gets_nothing(desk: Desk) -> None:
    """Closed in the middle: what he asked for is not approved any more, and he asks for nothing new."""
    desk.ask("engineer", Wanted(desk.item("CWB").id))
    desk.approve("finance_head")
    desk.person("engineer").active = False
    desk.session.flush()
    with pytest.raises(ConflictError, match="停用"), desk.session.begin_nested():
        desk.approve("archivist")
    with pytest.raises(ConflictError, match="停用"):
        desk.ask("engineer", Wanted(desk.item("BGS").id, Asked.COPY))


def test_ten_thousand_requests_are_paged(desk: Desk) -> None:
    """Each page is twenty of them, the newest first, in a few questions to the database, however many there are."""
    item, reader, at = desk.item("CWB"), desk.person("engineer"), desk.clock()
    requests, lines = [], []
    for number in range(10_000):
        request_id = new_id()
        common = {"purpose_kind": "work", "place": "room", "starts_at": at, "ends_at": at + timedelta(days=1)}
        requests.append(
            {
                "id": request_id,
                "number": f"2021-{number:05}",
                "reader_id": reader.id,
                "purpose": "核对",
                "created_at": at + timedelta(seconds=number),
                **common,
            }
        )
        lines.append({"id": new_id(), "request_id": request_id, "position": 1, "item_id": item.id, "pages": ""})
    desk.session.execute(insert(ReadingRequest), requests)
    desk.session.execute(insert(RequestLine), lines)
    asked: list[str] = []
    bind = desk.session.get_bind()
    event.listen(bind, "before_cursor_execute", lambda *of: asked.append(of[2]))
    total, page = BorrowingQueries(desk.session, desk.clock, Inbox(desk.session, desk.clock)).mine(reader, 500)
    assert (total, len(page), page[-1].number) == (10_000, 20, "2021-00000")
    assert all(line.item.title for request in page for line in request.lines)
    assert len(asked) < 12


def test_the_last_station_follows_the_desk(desk: Desk) -> None:
    """Of a copy that is in hand the reader sees how far it is; until then, that it is to be carried out."""
    request = desk.ask("engineer", Wanted(desk.item("CWB", control=Control.PUBLIC).id, Asked.COPY))
    desk.approve("archivist")
    line, queries = request.lines[0], BorrowingQueries(desk.session, desk.clock, Inbox(desk.session, desk.clock))
    assert queries.carried_out(request) == {}
    assert way_of(line, desk.clock(), str)[-1].state == "current"
    archivist = desk.person("archivist").id
    writing = {"writer_id": archivist, "keeper_id": archivist, "written_at": desk.clock()}
    copy = IssuedCopy(
        kind=CopyKind.COPY, line_id=line.id, applicant_id=desk.person("engineer").id, purpose="设备检修", **writing
    )
    desk.session.add(copy)
    desk.session.flush()
    carried = queries.carried_out(request)[line.id]
    assert carried is copy
    assert status_of(line, desk.clock(), carried).text == way_of(line, desk.clock(), str, carried)[-1].label
