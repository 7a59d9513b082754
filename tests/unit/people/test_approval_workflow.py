"""The state machine of approval over all sequences of events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.approval.models import CaseState, StepState
from archive.platform.approval.workflow import (
    FINAL,
    Case,
    StepSpec,
    Verdict,
    check_comment,
    due_position,
    fits,
    may_decide,
    open_case,
    principal,
    when_decided,
    when_escalated,
    when_reassigned,
    when_resubmitted,
    when_settled,
    when_withdrawn,
)
from archive.platform.errors import ConflictError, DangguiError, ForbiddenError, InvalidError

ROLES = (Role.DEPARTMENT_HEAD, Role.OFFICE_DIRECTOR, Role.ARCHIVIST)
PEOPLE = ("p0", "p1", "p2", "p3")
APPLICANT = "p0"

roles = st.builds(
    StepSpec,
    role=st.sampled_from(ROLES),
    unit_id=st.sampled_from([None, "u1", "u2"]),
    all_of=st.booleans(),
)
posts = st.builds(StepSpec, post_id=st.sampled_from(["post1", "post2"]), all_of=st.booleans())
named = st.builds(StepSpec, person_id=st.sampled_from(PEOPLE))
specs = roles | posts | named
chains = st.lists(specs, max_size=4)
#: most may decide everything, so that something happens; the last one has left
CAST = [
    PersonFacts(name, unit, frozenset(ROLES), active, frozenset({"post1", "post2"}))
    for name, unit, active in (("p0", "u1", True), ("p1", "u1", True), ("p2", "u2", True), ("p3", "u1", False))
]
people = st.sampled_from(CAST) | st.builds(
    PersonFacts,
    id=st.sampled_from(PEOPLE),
    unit_id=st.sampled_from(["u1", "u2"]),
    roles=st.frozensets(st.sampled_from(ROLES), max_size=3),
    active=st.booleans(),
    posts=st.frozensets(st.sampled_from(["post1", "post2"])),
)


@dataclass(frozen=True)
class Decided:
    """Somebody decides a step, the due one (None) or another, his or not; `behalf` delegated to him."""

    person: PersonFacts
    behalf: tuple[PersonFacts, ...]
    position: int | None
    verdict: Verdict
    deciders: frozenset[str]

    def step(self, case: Case) -> int:
        """Which step is meant."""
        due = due_position(case)
        return (0 if due is None else due) if self.position is None else self.position

    def after(self, case: Case) -> Case:
        """The case afterwards."""
        person, verdict = self.person, self.verdict
        return when_decided(case, self.step(case), person, verdict, behalf=self.behalf, deciders=self.deciders)


@dataclass(frozen=True)
class Told:
    """The applicant, or somebody else, answers or takes it back."""

    person_id: str
    withdraws: bool

    def after(self, case: Case) -> Case:
        """The case afterwards."""
        return (when_withdrawn if self.withdraws else when_resubmitted)(case, self.person_id)


@dataclass(frozen=True)
class Passed:
    """The time is over (`position` None), or somebody left: others decide; some may have left meanwhile."""

    position: int | None
    spec: StepSpec

    def after(self, case: Case) -> Case:
        """The case afterwards."""
        if self.position is None:
            return when_escalated(case, self.spec)
        return when_reassigned(case, self.position, self.spec)


@dataclass(frozen=True)
class Settled:
    """Whoever is left of those who all decide."""

    deciders: frozenset[str]

    def after(self, case: Case) -> Case:
        """The case afterwards."""
        return when_settled(case, self.deciders)


Event = Decided | Told | Passed | Settled
positions = st.integers(-1, 4)
verdicts = st.sampled_from([Verdict.APPROVE, Verdict.APPROVE, Verdict.RETURN, Verdict.REFUSE])
holders = st.frozensets(st.sampled_from(PEOPLE))
events = st.lists(
    st.builds(Decided, st.sampled_from(CAST), st.just(()), st.none(), verdicts, st.just(frozenset({"p1"})))
    | st.builds(Decided, people, st.lists(people, max_size=2).map(tuple), st.none() | positions, verdicts, holders)
    | st.builds(Told, st.just(APPLICANT), st.just(False))
    | st.builds(Told, st.sampled_from(PEOPLE), st.booleans())
    | st.builds(Passed, st.none() | positions, specs)
    | st.builds(Settled, holders),
    max_size=14,
)


def after(case: Case, event: Event) -> Case | None:
    """The case after an event, or None if the event was refused."""
    try:
        return event.after(case)
    except DangguiError:
        return None


@settings(max_examples=400)
@given(chains, events)
def test_every_sequence_of_events_keeps_the_rules(chain: Sequence[StepSpec], happening: list[Event]) -> None:
    """Whatever happens: one step is due, whoever may decides it, nobody his own, and what is closed stays closed."""
    case = open_case(APPLICANT, chain)
    for event in happening:
        check(case)
        following = after(case, event)
        if following is None:
            continue
        if isinstance(event, Decided):
            check_decision(case, event, following)
        elif isinstance(event, Told):
            check_applicant(case, event, following)
        elif isinstance(event, Passed):
            assert following.state is case.state
            assert case.state not in FINAL
        elif following != case:
            assert case.state is CaseState.OPEN
        case = following
    check(case)


def check(case: Case) -> None:
    """What is true of every case at every moment."""
    states = [step.state for step in case.steps]
    assert states.count(StepState.DUE) == (case.state is CaseState.OPEN)
    assert states.count(StepState.RETURNED) == (case.state is CaseState.RETURNED)
    assert states.count(StepState.REFUSED) == (case.state is CaseState.REFUSED)
    if case.state not in FINAL:
        now = next(n for n, state in enumerate(states) if state in {StepState.DUE, StepState.RETURNED})
        assert set(states[:now]) <= {StepState.APPROVED}
        assert set(states[now + 1 :]) <= {StepState.WAITING}
    if case.state is CaseState.APPROVED:
        assert set(states) <= {StepState.APPROVED}
    assert StepState.WAITING not in states or case.state not in FINAL
    assert not any(APPLICANT in step.approved_by for step in case.steps)


def check_decision(case: Case, event: Decided, following: Case) -> None:
    """A decision was taken on the due step of an open case, by one who may, and not for the applicant."""
    assert case.state is CaseState.OPEN
    position = event.step(case)
    assert position == due_position(case)
    assert may_decide(case, event.person, event.behalf)
    assert event.person.active
    assert event.person.id != APPLICANT
    who = principal(case, position, event.person, event.behalf)
    assert who is not None
    assert who.id != APPLICANT
    assert who in (event.person, *event.behalf)
    assert fits(case.steps[position].spec, who)
    step = following.steps[position]
    if step.state is StepState.APPROVED and step.spec.all_of:
        assert event.deciders - {APPLICANT} <= step.approved_by


def check_applicant(case: Case, event: Told, following: Case) -> None:
    """Only the applicant took it back or answered; he answers only what was returned."""
    assert event.person_id == APPLICANT
    assert case.state not in FINAL
    if event.withdraws:
        assert following.state is CaseState.WITHDRAWN
    else:
        assert (case.state, following.state) == (CaseState.RETURNED, CaseState.OPEN)


@given(chains, events, events)
def test_final_states_are_final(chain: list[StepSpec], before: list[Event], afterwards: list[Event]) -> None:
    """Once approved, refused or withdrawn, no event changes anything any more."""
    case = open_case(APPLICANT, chain)
    for event in before:
        case = after(case, event) or case
    for person in CAST:
        case = after(case, Decided(person, (), None, Verdict.APPROVE, frozenset())) or case
    assume(case.state in FINAL)
    assert all(after(case, event) in {None, case} for event in afterwards)


@given(st.lists(specs, min_size=1, max_size=4), events, events)
def test_a_returned_case_waits_for_its_applicant_alone(
    chain: list[StepSpec], before: list[Event], afterwards: list[Event]
) -> None:
    """While it is returned nobody decides; it goes on when the applicant answers, at the step that returned it."""
    case = open_case(APPLICANT, chain)
    for event in before:
        case = after(case, event) or case
    for person in CAST:
        case = after(case, Decided(person, (), None, Verdict.RETURN, frozenset())) or case
    assume(case.state is CaseState.RETURNED)
    asked = next(n for n, step in enumerate(case.steps) if step.state is StepState.RETURNED)
    assert all(after(case, event) is None for event in afterwards if isinstance(event, Decided))
    assert due_position(when_resubmitted(case, APPLICANT)) == asked


@given(st.lists(roles, min_size=1, max_size=4), st.integers(0, 3))
def test_approved_only_when_every_step_was_approved(chain: list[StepSpec], given_up_after: int) -> None:
    """A case is approved by its last step and by nothing less."""
    case = open_case(APPLICANT, chain)
    for position, spec in enumerate(chain[: given_up_after + 1]):
        assert spec.role is not None
        decider = PersonFacts("p9", spec.unit_id or "u1", frozenset({spec.role}))
        case = when_decided(case, position, decider, Verdict.APPROVE, deciders=frozenset({"p9"}))
    assert (case.state is CaseState.APPROVED) == (given_up_after + 1 >= len(chain))


def test_without_steps_there_is_nothing_to_wait_for() -> None:
    """A reading that needs no approval is approved at once, and cannot be withdrawn afterwards."""
    case = open_case(APPLICANT, ())
    assert case.state is CaseState.APPROVED
    assert after(case, Told(APPLICANT, withdraws=True)) is None


HEAD = StepSpec(Role.DEPARTMENT_HEAD)
P1, P2 = (PersonFacts(name, "u1", frozenset({Role.DEPARTMENT_HEAD})) for name in ("p1", "p2"))
CLERK = PersonFacts("p3", "u1", frozenset())
HIMSELF = PersonFacts(APPLICANT, "u1", frozenset({Role.DEPARTMENT_HEAD}))


def approve(case: Case, person: PersonFacts, *behalf: PersonFacts) -> Case:
    """Approve the first step, of which the two heads are the deciders."""
    return when_decided(case, 0, person, Verdict.APPROVE, behalf=behalf, deciders=frozenset({"p1", "p2"}))


@pytest.mark.parametrize(
    ("person", "behalf"),
    [(HIMSELF, ()), (HIMSELF, (P1,)), (CLERK, ()), (CLERK, (HIMSELF,))],
    ids=["himself", "himself for another", "somebody", "his own delegate"],
)
def test_nobody_decides_his_own_case_by_any_way(person: PersonFacts, behalf: Sequence[PersonFacts]) -> None:
    """Neither the applicant, nor he in another's place, nor his own delegate; nor whoever it is not for."""
    with pytest.raises(ForbiddenError):
        approve(open_case(APPLICANT, [HEAD]), person, *behalf)


def test_a_delegate_decides_in_anothers_place() -> None:
    """What waits for one head may be decided by whom he asked to."""
    assert approve(open_case(APPLICANT, [HEAD]), CLERK, P1).state is CaseState.APPROVED


def test_where_all_decide_each_has_to() -> None:
    """Two heads both have to approve, each once, a delegate counts for the one he stands for; one refusal is enough."""
    both = open_case(APPLICANT, [StepSpec(Role.DEPARTMENT_HEAD, all_of=True)])
    one = approve(both, P1)
    assert one.state is CaseState.OPEN
    with pytest.raises(ConflictError):
        approve(one, P1)
    assert approve(one, P2).state is CaseState.APPROVED
    assert approve(one, P1, P2).state is CaseState.APPROVED
    assert when_decided(one, 0, P2, Verdict.REFUSE).state is CaseState.REFUSED


def test_who_left_is_not_waited_for() -> None:
    """Where all decide and who did not approve yet has left, the step is done; without any approval it waits."""
    both = open_case(APPLICANT, [StepSpec(Role.DEPARTMENT_HEAD, all_of=True)])
    assert when_settled(approve(both, P1), frozenset({"p1"})).state is CaseState.APPROVED
    assert when_settled(both, frozenset()).state is CaseState.OPEN


def test_a_step_is_passed_on_once() -> None:
    """What went to the stand-in is not passed on again; whoever it was with decides no more."""
    passed = when_escalated(open_case(APPLICANT, [HEAD]), StepSpec(Role.OFFICE_DIRECTOR))
    with pytest.raises(ForbiddenError):
        approve(passed, P1)
    with pytest.raises(ConflictError):
        when_escalated(passed, HEAD)
    director = PersonFacts("p9", "u9", frozenset({Role.OFFICE_DIRECTOR}))
    assert when_decided(passed, 0, director, Verdict.APPROVE).state is CaseState.APPROVED


@pytest.mark.parametrize(
    "event",
    [
        lambda case: approve(case, P2),
        lambda case: when_decided(case, 0, P1, Verdict.REFUSE),
        lambda case: when_withdrawn(case, APPLICANT),
        lambda case: when_resubmitted(case, APPLICANT),
        lambda case: when_escalated(case, HEAD),
        lambda case: when_reassigned(case, 0, HEAD),
    ],
)
def test_what_comes_too_late_is_refused_in_words(event: Callable[[Case], Case]) -> None:
    """Approving twice, after withdrawal, or as the second of two: the person is told."""
    case = open_case(APPLICANT, [HEAD])
    for closed in (approve(case, P1), when_withdrawn(case, APPLICANT)):
        with pytest.raises(ConflictError) as refused:
            event(closed)
        assert str(refused.value)


@pytest.mark.parametrize(
    ("verdict", "comment"), [(Verdict.REFUSE, " "), (Verdict.RETURN, ""), (Verdict.APPROVE, "长" * 501)]
)
def test_a_refusal_or_return_says_why(verdict: Verdict, comment: str) -> None:
    """Without a reason, or with one nobody would read, it is not taken; the field is named."""
    with pytest.raises(InvalidError) as refused:
        check_comment(verdict, comment)
    assert refused.value.field == "comment"


def test_a_step_says_one_way_who_decides() -> None:
    """A role and a person, or nobody, is a mistake of whoever wrote it."""
    with pytest.raises(ValueError, match="a role, or a post, or a person"):
        StepSpec()
    with pytest.raises(ValueError, match="a role, or a post, or a person"):
        StepSpec(Role.ARCHIVIST, person_id="p1")
