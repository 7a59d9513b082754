"""Signed-in browsers: a random token in the cookie, its digest in the database, an idle end and an absolute end."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person, WebSession
from archive.platform.db import Clock, change

__all__ = ["Resumed", "WebSessions"]

IDLE_END = timedelta(hours=8)
ABSOLUTE_END = timedelta(hours=24)
_TOUCH_EVERY = timedelta(minutes=5)
_NEVER_STOLEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a token is worth now: a person, or nothing. `stale`: say with `touch` that he is still here."""

    person: Person | None
    stale: bool = False


class WebSessions:
    """Opens, resumes and closes sessions; the caller's transaction keeps it."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def open(self, person: Person, address: str | None) -> str:
        """A new session; returns the token for the cookie, which is kept nowhere else."""
        token = secrets.token_urlsafe(_NEVER_STOLEN_BYTES)
        now = self._clock()
        self._sweep(person)
        self._session.add(
            WebSession(token_sha256=_digest(token), person_id=person.id, created_at=now, seen_at=now, address=address)
        )
        return token

    def resume(self, token: str) -> Resumed:
        """Who holds this token, unless the session has ended or the account is closed."""
        now = self._clock()
        row = self._session.get(WebSession, _digest(token))
        if row is None or now - row.seen_at >= IDLE_END or now - row.created_at >= ABSOLUTE_END:
            return Resumed(None)
        person = self._session.get(Person, row.person_id)
        if person is None or not person.active:
            return Resumed(None)
        return Resumed(person, stale=now - row.seen_at >= _TOUCH_EVERY)

    def touch(self, token: str) -> None:
        """He is still here: the idle end moves on."""
        row = self._session.get(WebSession, _digest(token))
        if row is not None:
            row.seen_at = self._clock()

    def close(self, token: str) -> str | None:
        """End a session for good; returns whose it was."""
        row = self._session.get(WebSession, _digest(token))
        if row is None:
            return None
        self._session.delete(row)
        return row.person_id

    def close_all(self, person: Person, but: str = "") -> int:
        """End every session of this person, except the one with the token `but`; returns how many."""
        others = delete(WebSession).where(WebSession.person_id == person.id, WebSession.token_sha256 != _digest(but))
        return change(self._session, others)

    def _sweep(self, person: Person) -> None:
        """Forget sessions of this person that have ended."""
        now = self._clock()
        ended = or_(WebSession.seen_at <= now - IDLE_END, WebSession.created_at <= now - ABSOLUTE_END)
        self._session.execute(delete(WebSession).where(WebSession.person_id == person.id, ended))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
