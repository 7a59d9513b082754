"""What can be approved: each feature says how its own looks in the inbox and what follows when it is decided.

The one list is `archive.handlers.approval_subjects`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol

from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.approval.models import ApprovalCase
from archive.platform.db import Clock

__all__ = ["Shown", "Subject", "Subjects"]


@dataclass(frozen=True, slots=True)
class Shown:
    """How a case is shown to one person.

    `facts` are (label, value) pairs: labels message ids, values text, or aware times. `path` is its page, "" for none.
    A title that this person may not see is "", and `visible` false.
    """

    title: str
    facts: list[tuple[str, object]] = field(default_factory=list)
    path: str = ""
    visible: bool = True


class Subject(Protocol):
    """One kind of thing that is approved."""

    #: what it is called, a message id, e.g. 阅览申请
    label: str

    def shown(self, session: Session, clock: Clock, case: ApprovalCase, person: Person) -> Shown:
        """What whoever decides, or asked, sees of it."""
        ...

    def check(self, session: Session, clock: Clock, case: ApprovalCase) -> None:
        """Raise ConflictError, in words, if it cannot be approved any more, e.g. because its time is over."""
        ...

    def closed(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo, case: ApprovalCase) -> None:
        """Act on the outcome, in the transaction of the decision. The case is approved, refused or withdrawn."""
        ...


#: kind of subject -> what it is
Subjects = Mapping[str, Subject]
