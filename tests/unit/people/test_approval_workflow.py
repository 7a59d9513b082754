"""The state machine of approval over all sequences of events."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.approval.models import CaseState, StepState
from archive.platform.approval.workflow import (
    Case,
    StepSpec,
    Verdict,
    due_position,
    may_decide,
    open_case,
    when_decided,
    when_withdrawn,
)
from archive.platform.errors import DangguiError

ROLES = (Role.DEPARTMENT_HEAD, Role.OFFICE_DIRECTOR, Role.ARCHIVIST)
APPLICANT = "p0"

specs = st.builds(StepSpec, role=st.sampled_from(ROLES), unit_id=st.sampled_from([None, "u1", "u2"]))
people = st.builds(
    PersonFacts,
    id=st.sampled_from(["p0", "p1", "p2", "p3"]),
    unit_id=st.sampled_from(["u1", "u2"]),
    roles=st.frozensets(st.sampled_from(ROLES), max_size=3),
    active=st.booleans(),
)


@dataclass(frozen=True)
class Event:
    """Somebody does something, allowed or not; `position` None means withdraw."""

    person: PersonFacts
    position: int | None
    approve: bool


events = st.lists(st.builds(Event, people, st.none() | st.integers(-1, 4), st.booleans()), max_size=12)


def after(case: Case, event: Event) -> Case | None:
    """The case after an event, or None if the event was refused."""
    try:
        if event.position is None:
            return when_withdrawn(case, event.person.id)
        return when_decided(case, event.position, event.person, Verdict.APPROVE if event.approve else Verdict.REFUSE)
    except DangguiError:
        return None


@given(st.lists(specs, max_size=4), events)
def test_every_sequence_of_events_keeps_the_rules(chain: Sequence[StepSpec], happening: list[Event]) -> None:
    """Whatever happens, only the due step is decided, by one who may; closed cases stay as they are."""
    case = open_case(APPLICANT, chain)
    for event in happening:
        check(case)
        following = after(case, event)
        if following is None:
            continue
        assert case.state is CaseState.OPEN
        if event.position is None:
            assert event.person.id == APPLICANT
        else:
            assert event.position == due_position(case)
            assert may_decide(case, event.person)
            assert event.person.id != APPLICANT
            assert event.person.active
        case = following
    check(case)


def check(case: Case) -> None:
    """What is true of every case at every moment."""
    states = [step.state for step in case.steps]
    assert states.count(StepState.DUE) == (1 if case.state is CaseState.OPEN else 0)
    if case.state is CaseState.OPEN:
        due = states.index(StepState.DUE)
        assert set(states[:due]) <= {StepState.APPROVED}
        assert set(states[due + 1 :]) <= {StepState.WAITING}
    if case.state is CaseState.APPROVED:
        assert set(states) <= {StepState.APPROVED}
    assert (StepState.REFUSED in states) == (case.state is CaseState.REFUSED)
    assert StepState.WAITING not in states or case.state is CaseState.OPEN


@given(st.lists(specs, min_size=1, max_size=4), st.integers(0, 3))
def test_approved_only_when_every_step_was_approved(chain: list[StepSpec], given_up_after: int) -> None:
    """A case is approved by its last step and by nothing less."""
    case = open_case(APPLICANT, chain)
    for position, spec in enumerate(chain[: given_up_after + 1]):
        decider = PersonFacts("p9", spec.unit_id or "u1", frozenset({spec.role}))
        case = when_decided(case, position, decider, Verdict.APPROVE)
    assert (case.state is CaseState.APPROVED) == (given_up_after + 1 >= len(chain))


def test_without_steps_there_is_nothing_to_wait_for() -> None:
    """A reading that needs no approval is approved at once, and cannot be withdrawn afterwards."""
    case = open_case(APPLICANT, ())
    assert case.state is CaseState.APPROVED
    assert after(case, Event(PersonFacts(APPLICANT, "u1", frozenset()), None, approve=False)) is None
