"""Signed-in browsers: a random token in the cookie, its digest in the database, an idle end and an absolute end."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, delete, not_, or_, select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Pending, Person, WebSession
from archive.platform.accounts.sign_in_models import BegunSignIn
from archive.platform.db import Clock, change

__all__ = ["DEVICE_LENGTH", "Resumed", "WebSessions", "token_digest"]

IDLE_END = timedelta(hours=8)
ABSOLUTE_END = timedelta(hours=24)
_TOUCH_EVERY = timedelta(minutes=5)
_NEVER_STOLEN_BYTES = 32
DEVICE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a token is worth now: a person, or nothing. `stale`: say with `touch` that he is still here.

    `pending`: what he has to do before anything else. `opened`: the session of a browser. `scopes`: all that a program
    may do in his name; None: he is here himself.
    """

    person: Person | None
    stale: bool = False
    pending: Pending | None = None
    opened: WebSession | None = None
    scopes: frozenset[str] | None = None


class WebSessions:
    """Opens, resumes and closes sessions; the caller's transaction keeps it."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def open(self, person: Person, address: str | None, device: str = "", pending: Pending | None = None) -> str:
        """A new session; returns the token for the cookie, which is kept nowhere else."""
        token = secrets.token_urlsafe(_NEVER_STOLEN_BYTES)
        now = self._clock()
        self._sweep(person)
        self._session.add(
            WebSession(
                token_sha256=token_digest(token),
                person_id=person.id,
                created_at=now,
                seen_at=now,
                address=address,
                device=device[:DEVICE_LENGTH],
                pending=pending,
            )
        )
        return token

    def resume(self, token: str) -> Resumed:
        """Who holds this token, unless the session has ended or the account is closed."""
        now = self._clock()
        row = self._session.get(WebSession, token_digest(token))
        if row is None or now - row.seen_at >= IDLE_END or now - row.created_at >= ABSOLUTE_END:
            return Resumed(None)
        person = self._session.get(Person, row.person_id)
        if person is None or not person.active:
            return Resumed(None)
        return Resumed(person, now - row.seen_at >= _TOUCH_EVERY, row.pending, row)

    def touch(self, token: str) -> None:
        """He is still here: the idle end moves on."""
        row = self._session.get(WebSession, token_digest(token))
        if row is not None:
            row.seen_at = self._clock()

    def settle(self, token: str) -> str:
        """What was pending in this session is done; it goes on under a new token, and the old one is worth nothing."""
        row, renewed = self._session.get(WebSession, token_digest(token)), secrets.token_urlsafe(_NEVER_STOLEN_BYTES)
        if row is not None:
            row.pending, row.token_sha256 = None, token_digest(renewed)
        return renewed

    def close(self, token: str) -> str | None:
        """End a session for good; returns whose it was."""
        row = self._session.get(WebSession, token_digest(token))
        if row is None:
            return None
        self._session.delete(row)
        return row.person_id

    def close_by_digest(self, person: Person, digest: str) -> bool:
        """End one session of this person; False if it has ended."""
        his = delete(WebSession).where(WebSession.person_id == person.id, WebSession.token_sha256 == digest)
        return change(self._session, his) == 1

    def close_all(self, person: Person, but: str = "") -> int:
        """End every session of this person, except the one with the token `but`; returns how many.

        Whoever is on his way in, with his password or a provider's word, begins anew.
        """
        self._session.execute(delete(BegunSignIn).where(BegunSignIn.person_id == person.id))
        his = delete(WebSession).where(WebSession.person_id == person.id)
        others = his.where(WebSession.token_sha256 != token_digest(but))
        return change(self._session, others)

    def alive(self, person: Person | None = None) -> Select[WebSession]:
        """The sessions that have not ended, of this person or of all, the one used last first."""
        found = select(WebSession).where(not_(self._ended())).order_by(WebSession.seen_at.desc())
        return found if person is None else found.where(WebSession.person_id == person.id)

    def _sweep(self, person: Person) -> None:
        """Forget sessions of this person that have ended."""
        self._session.execute(delete(WebSession).where(WebSession.person_id == person.id, self._ended()))

    def _ended(self) -> ColumnElement[bool]:
        now = self._clock()
        return or_(WebSession.seen_at <= now - IDLE_END, WebSession.created_at <= now - ABSOLUTE_END)


def token_digest(token: str) -> str:
    """The name of a session that may be shown: nobody gets the token from it."""
    return hashlib.sha256(token.encode()).hexdigest()
