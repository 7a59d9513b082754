"""Borrowing on both databases: requests, decisions, grants, withdrawal, revocation, and access for a task."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.borrowing.queries import approved_lines
from archive.borrowing.rules import LONGEST, Wanted, Wish
from archive.borrowing.service import TASK_TIME, BorrowingService
from archive.catalogue.models import Control, Item, ItemState
from archive.catalogue.service import facts
from archive.handlers import approval_subjects
from archive.platform.accounts.models import Person, Role
from archive.platform.actor import Actor
from archive.platform.approval.chains import Asked
from archive.platform.approval.decisions import Decisions
from archive.platform.approval.inbox import Inbox
from archive.platform.approval.models import ApprovalCase, ApprovalStep
from archive.platform.approval.workflow import Verdict
from archive.platform.audit.models import AuditEntry
from archive.platform.db import Database
from archive.platform.errors import ConflictError, DangguiError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.grants import Grant, GrantState
from archive.platform.guard import Act, Guard, Reason
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_item, make_organisation

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Desk:
    """Everybody's borrowing in one session."""

    session: Session
    clock: SetClock
    organisation: Organisation

    def person(self, login: str) -> Person:
        """Somebody of the enterprise."""
        return self.organisation.people[login]

    def of(self, login: str) -> BorrowingService:
        """The service in somebody's name."""
        person = self.person(login)
        return BorrowingService(self.session, self.clock, Actor(person.id, person.name), ZONE)

    def ask(self, login: str, *items: Item, wish: Wish | None = None) -> ReadingRequest:
        """Somebody asks to read items."""
        return self.of(login).request_reading(
            self.person(login), [Wanted(item.id) for item in items], wish or self.wish()
        )

    def wish(self, purpose: str = "核对合同付款条款") -> Wish:
        """From now, for a day."""
        return Wish(purpose, self.clock(), self.clock() + timedelta(days=1))

    def inbox(self, login: str) -> list[ApprovalStep]:
        """What waits for somebody."""
        person = self.person(login)
        return list(Inbox(self.session, self.clock).due(person)[1])

    def decide(self, login: str, *, approve: bool = True, comment: str = "见合同原件") -> RequestLine:
        """Somebody decides the first thing in his inbox."""
        return self.decide_step(login, self.inbox(login)[0].id, approve=approve, comment=comment)

    def decide_step(
        self, login: str, step_id: str, *, approve: bool = True, comment: str = "见合同原件"
    ) -> RequestLine:
        """Somebody decides one step."""
        case = decide(self.session, self.clock, self.person(login), step_id, approve=approve, comment=comment)
        return self.session.scalars(select(RequestLine).where(RequestLine.case_id == case.id)).one()

    def may_read(self, login: str, item: Item) -> bool:
        """Whether the guard lets him."""
        guard = Guard(self.session, self.clock, self.organisation.seat)
        return guard.decide(self.person(login), facts(item), Act.READ).allowed

    def item(self, title: str = "关于2020年度财务决算的报告", control: Control = Control.INTERNAL) -> Item:
        """An item of the finance department."""
        return make_item(self.session, self.organisation, title, control=control)


def decide(
    session: Session, clock: SetClock, person: Person, step_id: str, *, approve: bool, comment: str
) -> ApprovalCase:
    """Decide a step, with everything that follows."""
    decisions = Decisions(session, clock, Actor(person.id, person.name), ZONE, approval_subjects())
    return decisions.decide(step_id, person, Verdict.APPROVE if approve else Verdict.REFUSE, comment)


@pytest.fixture
def desk(session: Session, clock: SetClock, organisation: Organisation) -> Desk:
    """The desk of the invented enterprise."""
    return Desk(session, clock, organisation)


def test_another_departments_item_opens_after_head_and_archivist(desk: Desk) -> None:
    """First the head of the owning department, then an archivist; only then a grant, and it ends by itself."""
    item = desk.item()
    request = desk.ask("engineer", item)
    assert request.number == "2021-0001"
    assert (desk.inbox("archivist"), desk.inbox("engineering_head")) == ([], [])
    desk.decide("finance_head")
    assert not desk.may_read("engineer", item)
    line = desk.decide("archivist")
    assert (line.state, line.grant and line.grant.number) == (LineState.APPROVED, "2021-0001-01")
    assert desk.may_read("engineer", item)
    assert not desk.may_read("engineering_head", item)
    desk.clock.pass_time(timedelta(days=1))
    assert not desk.may_read("engineer", item)


def test_each_item_is_decided_by_itself(desk: Desk) -> None:
    """One line refused, with its reason, does not hold up the other."""
    first, second = desk.item("第一份"), desk.item("第二份")
    request = desk.ask("engineer", first, second)
    desk.decide("finance_head", approve=False)
    desk.decide("finance_head")
    desk.decide("archivist")
    assert [line.state for line in request.lines] == [LineState.REFUSED, LineState.APPROVED]
    assert (desk.may_read("engineer", first), desk.may_read("engineer", second)) == (False, True)


def test_what_needs_no_approval_is_granted_at_once(desk: Desk) -> None:
    """The original of a public item, or of one of his own department, is registered only."""
    wanted = [Wanted(desk.item(control=Control.PUBLIC).id, Asked.PAPER), Wanted(desk.item().id, Asked.PAPER)]
    request = desk.of("accountant").request_reading(desk.person("accountant"), wanted, desk.wish())
    assert [line.state for line in request.lines] == [LineState.APPROVED] * 2
    assert list(approved_lines(desk.session, Asked.PAPER)) == request.lines


def test_what_he_may_read_already_is_said(desk: Desk) -> None:
    """A public item, his own department's, and one granted for the whole time: nothing is opened for nothing."""
    granted = desk.item()
    for login, item in (("engineer", desk.item(control=Control.PUBLIC)), ("accountant", desk.item())):
        with pytest.raises(ConflictError, match="现在就可以查阅"), desk.session.begin_nested():
            desk.ask(login, item)
    desk.ask("engineer", granted)
    desk.decide("finance_head")
    desk.decide("archivist")
    with pytest.raises(ConflictError, match="2021-0001-01"), desk.session.begin_nested():
        desk.ask("engineer", granted)
    later = Wish("核对", desk.clock() + timedelta(days=2), desk.clock() + timedelta(days=3))
    assert desk.ask("engineer", granted, wish=later).lines[0].state is LineState.OPEN


def test_his_own_departments_work_secret_passes_three_desks(desk: Desk) -> None:
    """A work secret must be asked for in its own department too: head, director, archivist."""
    item = desk.item(control=Control.WORK_SECRET)
    desk.ask("accountant", item)
    for login in ("finance_head", "director", "archivist"):
        assert not desk.may_read("accountant", item)
        desk.decide(login)
    assert desk.may_read("accountant", item)


def test_what_he_may_not_know_of_cannot_be_asked_for(desk: Desk) -> None:
    """A work secret of another department, a destroyed item and a wrong id all look the same: not found."""
    secret = desk.item(control=Control.WORK_SECRET)
    destroyed = make_item(desk.session, desk.organisation, "已销毁", state=ItemState.DESTROYED)
    said = set()
    for item_id in (secret.id, destroyed.id, "no such id"):
        with pytest.raises(NotFoundError) as refused:
            desk.of("engineer").request_reading(desk.person("engineer"), [Wanted(item_id)], desk.wish())
        said.add(str(refused.value))
    assert len(said) == 1
    assert desk.session.scalar(select(func.count()).select_from(ReadingRequest)) == 0


@pytest.mark.parametrize(
    ("field", "hours", "purpose"),
    [
        ("purpose", (0, 1), "  "),
        ("purpose", (0, 1), "长" * 501),
        ("ends_at", (1, 1), "核对"),
        ("ends_at", (-2, -1), "核对"),
    ],
)
def test_a_wish_nobody_could_decide_is_refused(desk: Desk, field: str, hours: tuple[int, int], purpose: str) -> None:
    """No purpose, an end before the start or in the past: the field is named."""
    starts, ends = (desk.clock() + timedelta(hours=hour) for hour in hours)
    with pytest.raises(InvalidError) as refused:
        desk.ask("engineer", desk.item(), wish=Wish(purpose, starts, ends))
    assert refused.value.field == field


def test_a_request_is_for_a_month_at_most(desk: Desk) -> None:
    """A reading without end cannot be asked for."""
    too_long = Wish("核对", desk.clock(), desk.clock() + LONGEST + timedelta(minutes=1))
    with pytest.raises(InvalidError):
        desk.ask("engineer", desk.item(), wish=too_long)


def test_a_grant_never_reaches_back(desk: Desk) -> None:
    """A start in the past begins now."""
    wish = Wish("核对", desk.clock() - timedelta(days=300), desk.clock() + timedelta(hours=1))
    request = desk.ask("engineer", desk.item(), wish=wish)
    assert request.starts_at == desk.clock()


def test_asking_twice_is_noticed(desk: Desk) -> None:
    """The same item is not asked for again while the first request waits."""
    item = desk.item()
    desk.ask("engineer", item)
    with pytest.raises(ConflictError, match="2021-0001"), desk.session.begin_nested():
        desk.ask("engineer", item)


def test_nobody_decides_his_own_request(desk: Desk) -> None:
    """An archivist's own request waits for the other archivist, and is refused to himself."""
    desk.ask("archivist", make_item(desk.session, desk.organisation, "决算"))
    desk.decide("finance_head")
    assert desk.inbox("archivist") == []
    step = desk.inbox("archivist2")[0]
    with pytest.raises(ForbiddenError):
        desk.decide_step("archivist", step.id)
    desk.decide("archivist2")


def test_a_head_asking_in_his_own_department_goes_to_the_director(desk: Desk) -> None:
    """Where the step has nobody but the applicant, the office director stands in, once."""
    desk.ask("finance_head", desk.item(control=Control.WORK_SECRET))
    assert [step.role for step in desk.inbox("director")] == [Role.OFFICE_DIRECTOR]
    desk.decide("director")
    assert desk.inbox("director") == []
    assert desk.decide("archivist").state is LineState.APPROVED


def test_a_decision_is_taken_once(desk: Desk) -> None:
    """Approving twice, or approving after withdrawal, is refused and changes nothing."""
    request = desk.ask("engineer", desk.item())
    step = desk.inbox("finance_head")[0]
    desk.decide("finance_head")
    with pytest.raises(ConflictError):
        desk.decide_step("finance_head", step.id, approve=False, comment="改主意")
    due = desk.inbox("archivist")[0]
    desk.of("engineer").withdraw(request.id, desk.person("engineer"))
    with pytest.raises(ConflictError):
        desk.decide_step("archivist", due.id)
    assert request.lines[0].state is LineState.WITHDRAWN
    assert desk.session.scalar(select(func.count()).select_from(Grant)) == 0


def test_only_the_reader_withdraws_and_only_what_is_open(desk: Desk) -> None:
    """For anybody else the request is not there; a decided one cannot be taken back."""
    request = desk.ask("engineer", desk.item())
    with pytest.raises(NotFoundError):
        desk.of("accountant").withdraw(request.id, desk.person("accountant"))
    desk.decide("finance_head", approve=False)
    with pytest.raises(ConflictError):
        desk.of("engineer").withdraw(request.id, desk.person("engineer"))


def test_a_refusal_needs_a_reason(desk: Desk) -> None:
    """Who refuses says why."""
    desk.ask("engineer", desk.item())
    with pytest.raises(InvalidError) as refused:
        desk.decide("finance_head", approve=False, comment=" ")
    assert refused.value.field == "comment"


def test_nothing_is_approved_for_a_time_that_is_over(desk: Desk) -> None:
    """When the time asked for has passed, the request can only be refused."""
    desk.ask("engineer", desk.item())
    desk.clock.pass_time(timedelta(days=2))
    step = desk.inbox("finance_head")[0]
    with pytest.raises(ConflictError), desk.session.begin_nested():
        desk.decide_step("finance_head", step.id)
    assert desk.decide("finance_head", approve=False).state is LineState.REFUSED


def test_revoking_closes_at_once(desk: Desk) -> None:
    """The archivist and the owning head may end a grant; a reader and a foreign head may not; once is enough."""
    item = desk.item()
    desk.ask("engineer", item)
    desk.decide("finance_head")
    grant = desk.decide("archivist").grant
    assert grant is not None
    for login in ("engineer", "engineering_head", "sysadmin"):
        with pytest.raises(ForbiddenError):
            desk.of(login).revoke(grant.id, desk.person(login))
    desk.of("finance_head").revoke(grant.id, desk.person("finance_head"))
    assert grant.state_at(desk.clock()) is GrantState.REVOKED
    assert not desk.may_read("engineer", item)
    with pytest.raises(ConflictError):
        desk.of("archivist").revoke(grant.id, desk.person("archivist"))


def test_an_archivist_opens_for_a_named_task_only(desk: Desk) -> None:
    """By office he reads nothing; with a task he reads for two hours, and it is registered without the words."""
    item, archivist = desk.item(), desk.person("archivist")
    assert not desk.may_read("archivist", item)
    with pytest.raises(InvalidError):
        desk.of("archivist").open_for_task(archivist, item.id, "  ")
    desk.of("archivist").open_for_task(archivist, item.id, "著录核对")
    decision = Guard(desk.session, desk.clock).decide(archivist, facts(item), Act.READ)
    assert (decision.reason, decision.grant and decision.grant.number) == (Reason.TASK, "T2021-0001")
    desk.clock.pass_time(TASK_TIME)
    assert not desk.may_read("archivist", item)
    entry = desk.session.scalars(select(AuditEntry).where(AuditEntry.action == "platform:task:opened")).one()
    assert (entry.subject_id, entry.actor_id) == (item.id, archivist.id)
    assert "著录核对" not in str(entry.details)


@pytest.mark.parametrize("login", ["engineer", "finance_head", "director", "sysadmin"])
def test_nobody_else_names_tasks(desk: Desk, login: str) -> None:
    """Access for a task belongs to archivists."""
    with pytest.raises(ForbiddenError):
        desk.of(login).open_for_task(desk.person(login), desk.item().id, "看看")


def test_the_trail_tells_every_step_but_not_the_purpose(desk: Desk) -> None:
    """Asked, approved, granted: each in the name of who did it; what he wrote stays out of the trail."""
    desk.ask("engineer", desk.item(), wish=desk.wish("私下打听"))
    desk.decide("finance_head", comment="密语")
    desk.decide("archivist")
    desk.session.flush()
    entries = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    said = [(entry.action, entry.actor_name) for entry in entries if not entry.action.startswith("accounts:")]
    assert said == [
        ("approval:case:opened", "李工"),
        ("borrowing:request:created", "李工"),
        ("approval:step:approved", "钱明"),
        ("approval:step:approved", "沈鉴"),
        ("borrowing:grant:given", "沈鉴"),
    ]
    told = " ".join(str(entry.details) for entry in entries)
    assert "私下打听" not in told
    assert "密语" not in told


def test_two_deciders_at_once_give_one_grant(database: Database, clock: SetClock) -> None:
    """Two archivists approve the same step at the same moment: one succeeds, the other is told, one grant exists."""
    with database.writing() as session:
        desk = Desk(session, clock, make_organisation(session, clock))
        desk.ask("engineer", desk.item())
        desk.decide("finance_head")
        step_id = desk.inbox("archivist")[0].id
        archivists = [desk.person(login).id for login in ("archivist", "archivist2")]
    start = Barrier(2)

    def approve(person_id: str) -> str:
        start.wait()
        try:
            with database.writing() as session:
                person = session.get_one(Person, person_id)
                return decide(session, clock, person, step_id, approve=True, comment="").state.value
        except DangguiError as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, archivists)) == ["ConflictError", "approved"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Grant)) == 1
