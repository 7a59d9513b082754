"""Telling people: a row for each, in the transaction of what they are told of."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from archive.platform.db import Clock
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.models import Notice

__all__ = ["notify"]


def notify(session: Session, clock: Clock, people: Iterable[str], kind: NoticeKind, link: str, **facts: str) -> None:
    """Tell these people (ids), once each. `facts` are numbers and names, never titles or words of records."""
    for person_id in dict.fromkeys(people):
        session.add(Notice(person_id=person_id, kind=kind, link=link, facts=facts, created_at=clock()))
