"""Time limits of approval as the keeper sees to them: reminded once, passed on once, never because of a clock."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from archive.handlers import approval_subjects
from archive.platform.accounts.models import Person, Role
from archive.platform.actor import SYSTEM
from archive.platform.approval.inbox import Inbox
from archive.platform.approval.keeping import keep_time_limits
from archive.platform.approval.models import ActKind, ApprovalCase, CaseState, StepState
from archive.platform.approval.service import ApprovalService
from archive.platform.approval.workflow import StepSpec
from archive.platform.db import new_id
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.models import Notice
from tests.factories.small_archive import SmallArchive

HEAD = StepSpec(Role.DEPARTMENT_HEAD, days=3)


def ask(small: SmallArchive, *specs: StepSpec, by: str = "engineer") -> str:
    """Somebody asks; returns the case's id."""
    with small.parts.database.writing() as session:
        applicant = session.get_one(Person, small.people[by])
        approval = ApprovalService(session, small.clock, SYSTEM)
        return approval.open("request_line", new_id(), applicant, specs, label="2021-0001-01").id


def keep(small: SmallArchive, after: timedelta = timedelta()) -> int:
    """The keeper's round, some time later."""
    small.clock.pass_time(after)
    return keep_time_limits(small.parts, approval_subjects())


def acts(small: SmallArchive, case_id: str) -> list[ActKind]:
    """What was done to a case."""
    with small.parts.database.reading() as session:
        return [act.kind for act in session.get_one(ApprovalCase, case_id).acts]


def waits(small: SmallArchive, login: str) -> bool:
    """Whether something waits for somebody."""
    with small.parts.database.reading() as session:
        return Inbox(session, small.clock).waiting(session.get_one(Person, small.people[login])) > 0


def reminders(small: SmallArchive) -> int:
    """How many reminders there are."""
    with small.parts.database.reading() as session:
        counted = select(func.count()).select_from(Notice).where(Notice.kind == NoticeKind.STEP_REMINDED)
        return session.scalar(counted) or 0


def test_a_step_is_reminded_of_once_and_then_passed_on_once(small: SmallArchive) -> None:
    """A day before its three days are over everybody asked is told; afterwards the director alone decides."""
    case_id = ask(small, HEAD)
    assert keep(small, timedelta(days=1)) == 0
    assert keep(small, timedelta(days=1)) == 1
    assert (reminders(small), acts(small, case_id)) == (2, [ActKind.REMINDED])
    assert keep(small) == 0
    assert keep(small, timedelta(days=1)) == 1
    assert acts(small, case_id) == [ActKind.REMINDED, ActKind.ESCALATED]
    assert (waits(small, "director"), waits(small, "finance_head")) == (True, False)
    assert keep(small, timedelta(days=30)) == 0


def test_a_clock_set_back_reminds_nobody_twice(small: SmallArchive) -> None:
    """The time goes back and comes again: what was told and passed on stays as it is, what is closed stays closed."""
    case_id = ask(small, HEAD)
    keep(small, timedelta(days=2))
    keep(small, -timedelta(days=2))
    assert keep(small, timedelta(days=2)) == 0
    keep(small, timedelta(days=1))
    keep(small, -timedelta(days=3))
    assert keep(small, timedelta(days=3)) == 0
    assert acts(small, case_id) == [ActKind.REMINDED, ActKind.ESCALATED]
    with small.parts.database.writing() as session:
        applicant = session.get_one(Person, small.people["engineer"])
        ApprovalService(session, small.clock, SYSTEM).withdraw(case_id, applicant)
    assert keep(small, -timedelta(days=9)) == 0
    with small.parts.database.reading() as session:
        assert session.get_one(ApprovalCase, case_id).state is CaseState.WITHDRAWN


def test_a_returned_case_has_its_time_when_it_comes_back(small: SmallArchive) -> None:
    """While the applicant is asked no time runs; with his answer it begins anew, also that of the reminder."""
    case_id = ask(small, HEAD)
    with small.parts.database.writing() as session:
        step = session.get_one(ApprovalCase, case_id).steps[0]
        step.state, step.case.state = StepState.RETURNED, CaseState.RETURNED
    assert keep(small, timedelta(days=9)) == 0
    with small.parts.database.writing() as session:
        applicant = session.get_one(Person, small.people["engineer"])
        ApprovalService(session, small.clock, SYSTEM).resubmit(case_id, applicant, "已补充")
    assert keep(small) == 0
    assert keep(small, timedelta(days=2)) == 1
    assert acts(small, case_id) == [ActKind.RESUBMITTED, ActKind.REMINDED]


@pytest.mark.parametrize("leaves", ["finance_head", "engineering_head"])
def test_whoever_leaves_in_the_middle_is_stood_in_for(small: SmallArchive, leaves: str) -> None:
    """The only head's account is closed: the director decides; where another head is left, it waits for him."""
    with small.parts.database.reading() as session:
        unit_id = session.get_one(Person, small.people["finance_head"]).unit_id
    case_id = ask(small, StepSpec(Role.DEPARTMENT_HEAD, unit_id=unit_id))
    with small.parts.database.writing() as session:
        session.get_one(Person, small.people[leaves]).active = False
    only_head = leaves == "finance_head"
    assert keep(small) == only_head
    assert waits(small, "director") == only_head
    assert keep(small) == 0
    assert acts(small, case_id) == [ActKind.ESCALATED] * only_head


def test_where_nobody_can_stand_in_it_stays(small: SmallArchive) -> None:
    """A director's own step that is late has nobody above it: it waits on, is marked, and is not tried again."""
    case_id = ask(small, StepSpec(Role.OFFICE_DIRECTOR, days=1))
    assert keep(small, timedelta(days=2)) == 1
    assert (acts(small, case_id), waits(small, "director")) == ([ActKind.REMINDED], True)
    assert keep(small) == 0
    with small.parts.database.reading() as session:
        assert session.get_one(ApprovalCase, case_id).steps[0].escalated_at is not None
