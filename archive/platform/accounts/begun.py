"""Browsers on their way in: a token in a cookie of its own, its digest in the database, ten minutes, one use."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from archive.platform.accounts.sessions import token_digest
from archive.platform.accounts.sign_in_models import BegunSignIn
from archive.platform.db import Clock

__all__ = ["BEGUN_COOKIE", "BegunSignIns", "state_of"]

BEGUN_COOKIE = "danggui_begun"
_LIFE = timedelta(minutes=10)
_TOKEN_BYTES = 32
_LONGEST = 2000


class BegunSignIns:
    """Begins, finds and ends them, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def begin(self, wanted: str, *, person_id: str | None = None, nonce: str = "", verifier: str = "") -> str:
        """One more; returns the token for the cookie, which is kept nowhere else."""
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock()
        self._session.execute(delete(BegunSignIn).where(BegunSignIn.began_at <= now - _LIFE))
        self._session.add(
            BegunSignIn(
                token_sha256=token_digest(token),
                person_id=person_id,
                wanted=wanted if len(wanted) <= _LONGEST else "/",
                nonce=nonce,
                verifier=verifier,
                began_at=now,
            )
        )
        return token

    def find(self, token: str) -> BegunSignIn | None:
        """What this token began, unless it is too old or was ended."""
        row = self._session.get(BegunSignIn, token_digest(token))
        return row if row is not None and self._clock() - row.began_at < _LIFE else None

    def end(self, token: str) -> BegunSignIn | None:
        """The same, and it can be had no second time."""
        row = self.find(token)
        if row is not None:
            self._session.delete(row)
        return row


def state_of(token: str) -> str:
    """What a provider has to bring back: made from the token, so that another browser's answer fits no cookie here."""
    return hashlib.sha256(f"state of {token}".encode()).hexdigest()
