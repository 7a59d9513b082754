"""Deciding, whatever it is about: the step, and what follows from it in the feature that asked, in one transaction."""

from datetime import tzinfo

from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.approval.models import ApprovalCase
from archive.platform.approval.service import ApprovalService
from archive.platform.approval.subjects import Subjects
from archive.platform.approval.workflow import FINAL, Verdict
from archive.platform.db import Clock

__all__ = ["Decisions"]


class Decisions:
    """Takes decisions in somebody's name, in the caller's transaction. `zone` fixes the year in numbers."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo, subjects: Subjects) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone
        self._subjects = subjects
        self._approval = ApprovalService(session, clock, actor)

    def decide(self, step_id: str, person: Person, verdict: Verdict, comment: str = "") -> ApprovalCase:
        """Decide the due step of a case and act on the outcome.

        Raises NotFoundError, ForbiddenError, ConflictError (decided already, or it cannot be approved any more),
        InvalidError (no reason given).
        """
        decided = self._approval.decide(step_id, person, verdict, comment)
        if verdict is Verdict.APPROVE:
            self._subjects[decided.subject_kind].check(self._session, self._clock, decided)
        self._follow(decided)
        return decided

    def withdraw(self, case_id: str, person: Person) -> ApprovalCase:
        """Take a case back and act on it. Raises NotFoundError, ForbiddenError, ConflictError."""
        case = self._approval.withdraw(case_id, person)
        self._follow(case)
        return case

    def settle(self, case_id: str) -> bool:
        """Go on with a case whose missing decider has left, and act on it; False if there was nothing to do."""
        settled = self._approval.settle(case_id)
        if settled is not None:
            self._follow(settled)
        return settled is not None

    def _follow(self, case: ApprovalCase) -> None:
        if case.state in FINAL:
            self._subjects[case.subject_kind].closed(self._session, self._clock, self._actor, self._zone, case)
