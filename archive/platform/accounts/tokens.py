"""Tokens of programs: a name, scopes, an end; shown once. A token may do what its scopes say and its person may now."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.accounts.sessions import Resumed, token_digest
from archive.platform.accounts.sign_in_models import ApiToken
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import InvalidError, NotFoundError
from archive.platform.i18n import _

__all__ = ["LONGEST_DAYS", "ApiTokenService", "end_tokens", "resume_token", "scopes_of", "touch_token"]

LONGEST_DAYS = 366
_TOUCH_EVERY = timedelta(minutes=5)
_NEVER_GUESSED_BYTES = 32
#: so that a token is known for one wherever it lies open
_PREFIX = "danggui_"
#: one's own account, and what administrators do in person
_NEVER = frozenset(
    {Permission.ENTERED, Permission.SIGNED_IN, Permission.ADMINISTER_ACCOUNTS, Permission.ADMINISTER_RIGHTS}
)


def scopes_of(person: Person) -> frozenset[Permission]:
    """What this person may give to a token."""
    return permissions_of(person.roles) - _NEVER


class ApiTokenService:
    """Tokens of people, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def of(self, person: Person) -> Sequence[ApiToken]:
        """His tokens that have not ended, the newest first."""
        running = select(ApiToken).where(ApiToken.person_id == person.id, ApiToken.ended_at.is_(None))
        now = self._clock()
        return self._session.scalars(running.where(ApiToken.ends_at > now).order_by(ApiToken.created_at.desc())).all()

    def create(self, person: Person, name: str, scopes: Iterable[Permission], ends_at: datetime) -> str:
        """A new one; returns it, for it is kept nowhere. Raises InvalidError (scopes he has not, a useless end)."""
        given, now = frozenset(scopes), self._clock()
        if not given or given - scopes_of(person):
            raise InvalidError(_("请至少选择一项您自己拥有的权限。"), field="scopes")
        if not now < ends_at <= now + timedelta(days=LONGEST_DAYS):
            raise InvalidError(_("截止日期应在今天之后、一年之内。"), field="ends")
        token = _PREFIX + secrets.token_urlsafe(_NEVER_GUESSED_BYTES)
        row = ApiToken(
            token_sha256=token_digest(token),
            person_id=person.id,
            name=name,
            scopes=sorted(given),
            created_at=now,
            ends_at=ends_at,
        )
        self._session.add(row)
        self._session.flush()
        details = {"token": row.id, "scopes": row.scopes}
        record(self._session, self._clock, self._actor, AuditAction.TOKEN_CREATED, "person", person.id, **details)
        return token

    def end(self, person: Person, token_id: str) -> None:
        """End one of his tokens. Raises NotFoundError."""
        row = self._session.get(ApiToken, token_id)
        if row is None or row.person_id != person.id or row.ended_at is not None:
            raise NotFoundError(_("这个访问令牌已经失效。"))
        row.ended_at = self._clock()
        details = {"token": row.id}
        record(self._session, self._clock, self._actor, AuditAction.TOKEN_ENDED, "person", person.id, **details)


def resume_token(session: Session, clock: Clock, token: str) -> Resumed:
    """What a token is worth now."""
    row, now = session.scalar(select(ApiToken).where(ApiToken.token_sha256 == token_digest(token))), clock()
    if row is None or row.ended_at is not None or now >= row.ends_at:
        return Resumed(None)
    person = session.get(Person, row.person_id)
    if person is None or not person.active:
        return Resumed(None)
    stale = row.used_at is None or now - row.used_at >= _TOUCH_EVERY
    return Resumed(person, stale, scopes=frozenset(row.scopes))


def touch_token(session: Session, clock: Clock, token: str) -> None:
    """It was used."""
    row = session.scalar(select(ApiToken).where(ApiToken.token_sha256 == token_digest(token)))
    if row is not None:
        row.used_at = clock()


def end_tokens(session: Session, clock: Clock, person: Person) -> None:
    """End all tokens of a person whose account ends, or whose password somebody else gave anew."""
    for row in session.scalars(select(ApiToken).where(ApiToken.person_id == person.id, ApiToken.ended_at.is_(None))):
        row.ended_at = clock()
