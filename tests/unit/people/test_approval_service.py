"""Cases in the database, on both: returns, delegates, all who fit, people who leave, and two at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM, Actor
from archive.platform.approval.decisions import Decisions
from archive.platform.approval.delegations import LONGEST, DelegationService, DelegationWish
from archive.platform.approval.duties import ApprovalDuty
from archive.platform.approval.inbox import Inbox, Narrowed
from archive.platform.approval.models import ActKind, ApprovalCase, ApprovalStep, CaseState, StepState
from archive.platform.approval.service import ApprovalService
from archive.platform.approval.subjects import Shown
from archive.platform.approval.workflow import StepSpec, Verdict
from archive.platform.db import Clock, Database, new_id
from archive.platform.errors import ConflictError, DangguiError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.models import Notice
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_organisation

ZONE = ZoneInfo("Asia/Shanghai")
HEAD, DIRECTOR, ARCHIVIST = StepSpec(Role.DEPARTMENT_HEAD), StepSpec(Role.OFFICE_DIRECTOR), StepSpec(Role.ARCHIVIST)


@dataclass
class Leave:
    """Something to be approved, that remembers how it ended."""

    label = "请假"
    ended: list[CaseState] = field(default_factory=list)

    def shown(self, _session: Session, _clock: Clock, case: ApprovalCase, _person: Person) -> Shown:
        """By its number alone."""
        return Shown(case.label)

    def check(self, _session: Session, _clock: Clock, case: ApprovalCase) -> None:
        """Some can be approved no more."""
        if case.label == "late":
            raise ConflictError("too late")

    def closed(self, _session: Session, _clock: Clock, _actor: Actor, _zone: tzinfo, case: ApprovalCase) -> None:
        """Remember it."""
        self.ended.append(case.state)


@dataclass
class Office:
    """Everybody's inbox in one session."""

    session: Session
    clock: SetClock
    organisation: Organisation
    leave: Leave = field(default_factory=Leave)

    def person(self, login: str) -> Person:
        """Somebody of the enterprise."""
        return self.organisation.people[login]

    def service(self, login: str = "") -> ApprovalService:
        """The service in somebody's name, or the system's."""
        actor = Actor(self.person(login).id, self.person(login).name) if login else SYSTEM
        return ApprovalService(self.session, self.clock, actor)

    def open(self, *specs: StepSpec, by: str = "engineer", label: str = "7") -> ApprovalCase:
        """Somebody asks for leave."""
        return self.service(by).open("leave", new_id(), self.person(by), specs, label=label)

    def decide(
        self, login: str, case: ApprovalCase, verdict: Verdict = Verdict.APPROVE, comment: str = "见附件"
    ) -> None:
        """Somebody decides the due step of a case."""
        person = self.person(login)
        actor = Actor(person.id, person.name)
        step = next(step for step in case.steps if step.state in {StepState.DUE, StepState.RETURNED})
        subjects = {"leave": self.leave}
        Decisions(self.session, self.clock, actor, ZONE, subjects).decide(step.id, person, verdict, comment)

    def waits(self, login: str, narrowed: Narrowed | None = None) -> list[str]:
        """The numbers of what waits for somebody, and that the count says the same."""
        total, steps = Inbox(self.session, self.clock).due(self.person(login), narrowed or Narrowed())
        assert total == len(steps)
        return [step.case.label for step in steps]

    def delegate(self, giver: str, taker: str, days: float = 2, kinds: tuple[str, ...] = (), begins: float = 0) -> str:
        """Somebody lets another decide; returns its id."""
        now = self.clock()
        times = now + timedelta(days=begins), now + timedelta(days=begins + days)
        wish = DelegationWish(self.person(taker).id, *times, kinds)
        return DelegationService(self.session, self.clock, SYSTEM).delegate(self.person(giver), wish, {"leave"}).id

    def told(self, login: str) -> Sequence[NoticeKind]:
        """What somebody was told of."""
        mine = select(Notice.kind).where(Notice.person_id == self.person(login).id)
        return self.session.scalars(mine.order_by(Notice.created_at, Notice.id)).all()


@pytest.fixture
def office(session: Session, clock: SetClock, organisation: Organisation) -> Office:
    """The inboxes of the invented enterprise."""
    return Office(session, clock, organisation)


def kinds_of(case: ApprovalCase) -> list[ActKind]:
    """What was done to a case, in order."""
    return [act.kind for act in case.acts]


def test_a_return_asks_the_applicant_and_comes_back(office: Office) -> None:
    """Returned with a question: it waits for nobody but the applicant; his answer makes the same step due again."""
    case = office.open(ARCHIVIST, DIRECTOR)
    office.decide("archivist", case, Verdict.RETURN, "请写明用途")
    assert (case.state, office.waits("archivist"), office.waits("archivist2")) == (CaseState.RETURNED, [], [])
    assert Inbox(office.session, office.clock).returned(office.person("engineer")) == 1
    with pytest.raises(ConflictError):
        office.decide("archivist2", case)
    with pytest.raises(ForbiddenError):
        office.service("accountant").resubmit(case.id, office.person("accountant"), "代答")
    with pytest.raises(InvalidError):
        office.service("engineer").resubmit(case.id, office.person("engineer"), "  ")
    office.service("engineer").resubmit(case.id, office.person("engineer"), "核对合同")
    with pytest.raises(ConflictError):
        office.service("engineer").resubmit(case.id, office.person("engineer"), "再答一次")
    assert office.waits("archivist2") == ["7"]
    office.decide("archivist2", case)
    office.decide("director", case)
    assert kinds_of(case) == [ActKind.RETURNED, ActKind.RESUBMITTED, ActKind.APPROVED, ActKind.APPROVED]
    assert [act.comment for act in case.acts][:2] == ["请写明用途", "核对合同"]
    assert office.leave.ended == [CaseState.APPROVED]
    assert office.told("engineer") == [NoticeKind.CASE_RETURNED, NoticeKind.CASE_CLOSED]


def test_a_returned_case_can_be_withdrawn(office: Office) -> None:
    """The applicant need not answer."""
    case = office.open(ARCHIVIST)
    office.decide("archivist", case, Verdict.RETURN, "缺附件")
    assert office.service("engineer").withdraw(case.id, office.person("engineer")).state is CaseState.WITHDRAWN


def test_what_can_no_longer_be_approved_is_not(office: Office) -> None:
    """The feature says that its time is over: nothing of the decision stays; refusing is possible."""
    case = office.open(ARCHIVIST, label="late")
    with pytest.raises(ConflictError), office.session.begin_nested():
        office.decide("archivist", case)
    office.session.refresh(case)
    assert (case.state, case.acts) == (CaseState.OPEN, [])
    office.decide("archivist", case, Verdict.REFUSE, "已过期")
    assert office.leave.ended == [CaseState.REFUSED]


def test_a_delegate_decides_for_a_time(office: Office) -> None:
    """What waits for the head waits for his delegate too, for its time; the history says in whose place he decided."""
    office.delegate("finance_head", "accountant", days=2, begins=1)
    case = office.open(StepSpec(Role.DEPARTMENT_HEAD, unit_id=office.organisation.units["CWB"].id))
    assert office.waits("accountant") == []
    office.clock.pass_time(timedelta(days=1))
    assert (office.waits("accountant"), office.waits("finance_head")) == (["7"], ["7"])
    office.clock.pass_time(timedelta(days=2))
    assert office.waits("accountant") == []
    with pytest.raises(ForbiddenError):
        office.decide("accountant", case)
    office.clock.pass_time(-timedelta(days=1))
    office.decide("accountant", case)
    (act,) = case.acts
    assert (act.person, act.behalf) == (office.person("accountant"), office.person("finance_head"))


def test_a_delegate_never_decides_for_the_applicant(office: Office) -> None:
    """Neither the head's own case by whom he asked, nor the delegate's own case in the head's place."""
    both = StepSpec(Role.DEPARTMENT_HEAD)
    office.delegate("finance_head", "accountant")
    office.delegate("finance_head", "engineer")
    his = office.open(both, by="finance_head", label="his")
    delegates = office.open(both, by="accountant", label="delegates")
    assert office.waits("accountant") == []
    assert office.waits("engineer") == ["delegates"]
    for case in (his, delegates):
        with pytest.raises(ForbiddenError):
            office.decide("accountant", case)
    office.decide("engineering_head", his)


def test_a_delegation_is_not_passed_on_and_ends_early(office: Office) -> None:
    """The delegate's delegate decides nothing; who ended it has it for himself; another's cannot be ended."""
    mine = office.delegate("director", "accountant")
    office.delegate("accountant", "engineer")
    office.open(DIRECTOR, by="archivist")
    assert (office.waits("accountant"), office.waits("engineer")) == (["7"], [])
    service = DelegationService(office.session, office.clock, SYSTEM)
    with pytest.raises(NotFoundError):
        service.end(mine, office.person("engineer"))
    service.end(mine, office.person("director"))
    assert office.waits("accountant") == []
    with pytest.raises(ConflictError):
        service.end(mine, office.person("director"))


def test_a_delegation_may_be_for_some_kinds_only(office: Office) -> None:
    """Of what it does not name nothing waits for the delegate."""
    office.delegate("director", "accountant", kinds=("leave",))
    office.open(DIRECTOR)
    other = office.service().open("trip", new_id(), office.person("engineer"), [DIRECTOR], label="8")
    assert office.waits("accountant") == ["7"]
    with pytest.raises(ForbiddenError):
        office.service().decide(other.steps[0].id, office.person("accountant"), Verdict.APPROVE)


@pytest.mark.parametrize(
    ("taker", "days", "kinds", "field_"),
    [
        ("director", 1, (), "to"),
        ("secadmin", 1, (), "to"),
        ("accountant", -1, (), "ends_at"),
        ("accountant", LONGEST.days + 1, (), "ends_at"),
        ("accountant", 1, ("unheard of",), "kinds"),
    ],
)
def test_a_delegation_nobody_could_use_is_refused(
    office: Office, taker: str, days: float, kinds: tuple[str, ...], field_: str
) -> None:
    """To himself, to an administrator, over already, for ever, of no kind there is: the field is named."""
    with pytest.raises(InvalidError) as refused:
        office.delegate("director", taker, days, kinds)
    assert refused.value.field == field_


def test_the_same_delegation_is_given_once(office: Office) -> None:
    """To the same person for an overlapping time: the first has to be ended."""
    office.delegate("director", "accountant", kinds=("leave",))
    with pytest.raises(ConflictError):
        office.delegate("director", "accountant")
    office.delegate("director", "engineer")


def test_where_all_decide_it_waits_for_each(office: Office) -> None:
    """Two archivists both have to approve; it leaves the inbox of the one who did."""
    case = office.open(StepSpec(Role.ARCHIVIST, all_of=True))
    office.decide("archivist", case)
    assert (case.state, office.waits("archivist"), office.waits("archivist2")) == (CaseState.OPEN, [], ["7"])
    with pytest.raises(ConflictError):
        office.decide("archivist", case)
    office.decide("archivist2", case)
    assert case.state is CaseState.APPROVED


def test_a_delegate_of_all_approves_for_each(office: Office) -> None:
    """Who decides for one archivist and for the other approves twice, once in each one's place."""
    office.delegate("archivist", "accountant")
    office.delegate("archivist2", "accountant")
    case = office.open(StepSpec(Role.ARCHIVIST, all_of=True))
    office.decide("accountant", case)
    assert office.waits("accountant") == ["7"]
    office.decide("accountant", case)
    assert case.state is CaseState.APPROVED
    assert {act.behalf and act.behalf.login for act in case.acts} == {"archivist", "archivist2"}


def test_a_named_person_who_leaves_is_followed_by_his_successor(office: Office) -> None:
    """Steps that name him, due or to come, go to the successor; where that is the applicant, to a stand-in."""
    him = StepSpec(person_id=office.person("accountant").id)
    first, later, own = office.open(him), office.open(ARCHIVIST, him, label="8"), office.open(him, by="finance_head")
    done = office.open(him, label="9")
    office.decide("accountant", done)
    duty, ids = ApprovalDuty(), [office.person(login).id for login in ("accountant", "finance_head")]
    assert len(duty.open(office.session, ids[0])) == 3
    assert duty.hand_over(office.session, office.clock, SYSTEM, *ids) == 3
    assert duty.open(office.session, ids[0]) == []
    office.decide("finance_head", first)
    office.decide("archivist", later)
    office.decide("finance_head", later)
    office.decide("director", own)
    assert {case.state for case in (first, later, own, done)} == {CaseState.APPROVED}
    assert kinds_of(first) == [ActKind.REASSIGNED, ActKind.APPROVED]
    assert kinds_of(done) == [ActKind.APPROVED]


def test_a_post_decides_whoever_holds_it(office: Office) -> None:
    """It waits for whoever holds the post now; who left it is not asked any more."""
    accounts = AccountService(office.session, office.clock, SYSTEM)
    post = accounts.post_in(office.organisation.units["CWB"], "总会计师")
    holding = accounts.begin_holding(office.person("accountant"), post)
    office.open(StepSpec(post_id=post.id), by="engineer")
    assert (office.waits("accountant"), office.waits("finance_head")) == (["7"], [])
    accounts.end_holding(holding)
    assert office.waits("accountant") == []
    accounts.begin_holding(office.person("finance_head"), post)
    assert office.waits("finance_head") == ["7"]


def test_a_step_without_anybody_goes_to_the_stand_in(office: Office) -> None:
    """At asking: the director stands in; for what the director asks, nobody does, and he is told so in words."""
    nobody = StepSpec(Role.LEADER)
    case = office.open(nobody)
    assert [step.role for step in case.steps] == [Role.OFFICE_DIRECTOR]
    with pytest.raises(ConflictError, match="没有可以审批"):
        office.open(nobody, by="director")


def test_the_inbox_is_narrowed(office: Office) -> None:
    """By kind, by a part of the applicant's name, by number; signs that mean something to the database mean nothing."""
    office.open(ARCHIVIST, label="2021-0012-01")
    office.open(ARCHIVIST, by="accountant", label="2021-0013-01")
    assert office.waits("archivist", Narrowed("leave", "孙")) == ["2021-0013-01"]
    assert office.waits("archivist", Narrowed("", "0012")) == ["2021-0012-01"]
    assert office.waits("archivist", Narrowed("trip")) == []
    assert office.waits("archivist", Narrowed("", "%")) == []


def test_two_delegates_at_once_decide_once(database: Database, clock: SetClock) -> None:
    """The head and his delegate answer at the same moment: one succeeds, the other is told, the outcome is one."""
    leave = Leave()
    with database.writing() as session:
        office = Office(session, clock, make_organisation(session, clock))
        office.delegate("director", "accountant")
        case_id = office.open(DIRECTOR).id
        deciders = [office.person(login).id for login in ("director", "accountant")]
    start = Barrier(2)

    def answer(person_id: str, verdict: Verdict) -> str:
        start.wait()
        try:
            with database.writing() as session:
                person = session.get_one(Person, person_id)
                step_id = session.scalars(select(ApprovalStep.id).where(ApprovalStep.case_id == case_id)).one()
                actor = Actor(person.id, person.name)
                decisions = Decisions(session, clock, actor, ZONE, {"leave": leave})
                return decisions.decide(step_id, person, verdict, "已阅").state.value
        except DangguiError as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(answer, deciders, (Verdict.APPROVE, Verdict.REFUSE)))
    assert answers[0] == "ConflictError"
    assert answers[1:] == [leave.ended[0].value]
    with database.reading() as session:
        assert len(session.get_one(ApprovalCase, case_id).acts) == 1


def test_all_who_decide_may_do_it_at_once(database: Database, clock: SetClock) -> None:
    """Two who both have to approve do it at the same moment: neither is lost, and the case closes once."""
    leave = Leave()
    with database.writing() as session:
        office = Office(session, clock, make_organisation(session, clock))
        case_id = office.open(StepSpec(Role.ARCHIVIST, all_of=True)).id
        deciders = [office.person(login).id for login in ("archivist", "archivist2")]
    start = Barrier(2)

    def approve(person_id: str) -> None:
        start.wait()
        with database.writing() as session:
            person = session.get_one(Person, person_id)
            step_id = session.scalars(select(ApprovalStep.id).where(ApprovalStep.case_id == case_id)).one()
            Decisions(session, clock, Actor(person.id, ""), ZONE, {"leave": leave}).decide(
                step_id, person, Verdict.APPROVE
            )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(approve, deciders))
    assert leave.ended == [CaseState.APPROVED]


def test_who_lost_the_role_is_not_waited_for(office: Office) -> None:
    """Two had to approve, one did, the other is archivist no more: the case goes on without him."""
    case = office.open(StepSpec(Role.ARCHIVIST, all_of=True))
    office.decide("archivist", case)
    gone = select(RoleHolding).where(RoleHolding.person_id == office.person("archivist2").id)
    office.session.delete(office.session.scalars(gone).one())
    office.session.flush()
    decisions = Decisions(office.session, office.clock, SYSTEM, ZONE, {"leave": office.leave})
    assert decisions.settle(case.id)
    assert not decisions.settle(case.id)
    assert office.leave.ended == [CaseState.APPROVED]
