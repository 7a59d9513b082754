"""Prints the states of a case and what leads from one to another, found by trying every event on the state machine.

python -m archive.platform.approval.diagram
"""

from collections.abc import Callable, Iterator

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.approval.models import CaseState
from archive.platform.approval.workflow import (
    Case,
    StepSpec,
    Verdict,
    due_position,
    open_case,
    when_decided,
    when_escalated,
    when_reassigned,
    when_resubmitted,
    when_withdrawn,
)
from archive.platform.errors import DangguiError

__all__ = ["diagram"]

#: two steps show all there is: one with another after it, and a last one
_STEPS = (StepSpec(Role.DEPARTMENT_HEAD), StepSpec(Role.ARCHIVIST))
_APPLICANT = "applicant"
_DECIDER = PersonFacts("decider", "unit", frozenset({Role.DEPARTMENT_HEAD, Role.ARCHIVIST, Role.OFFICE_DIRECTOR}))
_STAND_IN = StepSpec(Role.OFFICE_DIRECTOR)


def diagram() -> str:
    """The diagram as text: one line for each way from a state to a state."""
    ways = dict.fromkeys(_ways())
    width = max(len(event) for _before, event, _after in ways)
    lines = [f"{before.name:<8} ── {event:<{width}} ──► {after.name}" for before, event, after in ways]
    final = ", ".join(state.name for state in CaseState if not any(state is before for before, _e, _a in ways))
    return "\n".join((*lines, f"final: {final}"))


def _ways() -> Iterator[tuple[CaseState, str, CaseState]]:
    """Every case that can come about from an open one, tried with every event."""
    seen: set[Case] = set()
    waiting = [open_case(_APPLICANT, _STEPS)]
    while waiting:
        case = waiting.pop(0)
        if case in seen:
            continue
        seen.add(case)
        for event, following in _events(case):
            yield case.state, event, following.state
            waiting.append(following)


def _events(case: Case) -> Iterator[tuple[str, Case]]:
    """What can happen to a case, and what becomes of it; what the machine refuses is left out."""
    position = due_position(case) or 0
    last = "last step" if position + 1 == len(case.steps) else "more steps"
    attempts: dict[str, Callable[[], Case]] = {
        f"approve, {last}": lambda: when_decided(case, position, _DECIDER, Verdict.APPROVE),
        "return": lambda: when_decided(case, position, _DECIDER, Verdict.RETURN),
        "resubmit": lambda: when_resubmitted(case, _APPLICANT),
        "refuse": lambda: when_decided(case, position, _DECIDER, Verdict.REFUSE),
        "withdraw": lambda: when_withdrawn(case, _APPLICANT),
        "escalate": lambda: when_escalated(case, _STAND_IN),
        "reassign": lambda: when_reassigned(case, len(case.steps) - 1, _STAND_IN),
    }
    for event, attempt in attempts.items():
        try:
            yield event, attempt()
        except DangguiError:
            continue


if __name__ == "__main__":
    print(diagram())  # noqa: T201 - that is what it is for
