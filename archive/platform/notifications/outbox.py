"""What waits to be sent, and how often it is tried: tables only, no network.

A try is written down before it begins. Killed between sending and marking, a message is sent again, by the same id, and
then no more: whoever receives it does so at most twice.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person
from archive.platform.db import Clock, change
from archive.platform.jobs.keeper import is_stopping
from archive.platform.notifications.models import Channel, Notice, NoticeChoice, Outgoing, Way
from archive.platform.parts import Parts
from storage.faults import fault_point

__all__ = [
    "NotSentError",
    "ServerAwayError",
    "delete_old_notices",
    "given_up_messages",
    "hand_on",
    "next_digest",
    "work_off",
]

log = logging.getLogger(__name__)

#: when the digest of a day is sent, in the organisation's zone
_DIGEST_AT = time(8, 0)
#: a message is given up so long after it was due first
_PATIENCE = timedelta(days=1)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
#: tries that may have been received
_MOST_UNCLEAR = 2
#: messages, or notices, of one round
_ROUND = 200
#: how long what was given up is still told by `danggui doctor`
_KEEP_GIVEN_UP = timedelta(days=7)
_KEEP_NOTICES = timedelta(days=365)


class NotSentError(Exception):
    """The message was certainly not taken. `final`: it never will be."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class ServerAwayError(NotSentError):
    """Nobody takes any message now: there is no sense in trying the next one at once."""


#: sends one message, or does nothing where there is nothing to say any more
Send = Callable[[Outgoing], None]


def hand_on(parts: Parts) -> int:
    """Put new notices into the outbox, for e-mail and webhook where these are set; returns how many there were."""
    with parts.database.reading() as session:
        if session.scalar(_untold().limit(1)) is None:
            return 0
    with parts.database.writing() as session:
        rows = session.scalars(_untold().order_by(Notice.created_at, Notice.id).limit(_ROUND).with_for_update()).all()
        for notice in rows:
            notice.told_at = parts.clock()
            if parts.settings.mail:
                _mail(session, parts.clock, parts.settings.zone, notice)
            if parts.settings.webhook:
                session.add(_outgoing(Channel.WEBHOOK, notice, parts.clock()))
        return len(rows)


def work_off(parts: Parts, channel: Channel, send: Send, *, at_most_twice: bool) -> int:
    """Send what is due; returns how many messages were seen to. `send` raises NotSentError, ServerAwayError.

    What else it raises leaves open whether the message was taken.
    """
    seen = 0
    for message_id in _due(parts, channel):
        if is_stopping():
            break
        message = _begin(parts, message_id, at_most_twice=at_most_twice)
        if message is None:
            continue
        seen += 1
        try:
            send(message)
            fault_point("notices.sent")
        except NotSentError as error:
            _failed(parts, message, str(error), clear=True, final=error.final)
            if isinstance(error, ServerAwayError):
                break
        except Exception as error:  # noqa: BLE001 - one message does not hold up the others
            _failed(parts, message, str(error) or type(error).__name__, clear=False, final=False)
        else:
            with parts.database.writing() as session:
                change(session, delete(Outgoing).where(Outgoing.id == message.id))
    return seen


def delete_old_notices(parts: Parts) -> int:
    """Delete notices after a year, and messages that were given up a week ago; returns how many."""
    now = parts.clock()
    with parts.database.writing() as session:
        old = change(session, delete(Notice).where(Notice.created_at < now - _KEEP_NOTICES))
        return old + change(session, delete(Outgoing).where(Outgoing.given_up_at < now - _KEEP_GIVEN_UP))


def given_up_messages(session: Session) -> tuple[int, str]:
    """How many messages were given up lately, and why the last one was."""
    lost = select(Outgoing.error).where(Outgoing.given_up_at.is_not(None)).order_by(Outgoing.given_up_at.desc())
    errors = session.scalars(lost).all()
    return len(errors), errors[0] if errors else ""


def next_digest(now: datetime, zone: tzinfo) -> datetime:
    """When the next digest is due."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), _DIGEST_AT, tzinfo=zone)
    return today if local < today else datetime.combine(local.date() + timedelta(days=1), _DIGEST_AT, tzinfo=zone)


def _untold() -> Select[Notice]:
    return select(Notice).where(Notice.told_at.is_(None))


def _mail(session: Session, clock: Clock, zone: tzinfo, notice: Notice) -> None:
    person = session.get_one(Person, notice.person_id)
    if not (person.email and person.active):
        return
    chosen = select(NoticeChoice.way).where(NoticeChoice.person_id == person.id, NoticeChoice.kind == notice.kind)
    way = session.scalar(chosen) or Way.AT_ONCE
    if way is Way.AT_ONCE:
        session.add(_outgoing(Channel.MAIL, notice, clock()))
    elif way is Way.DIGEST:
        _into_digest(session, clock, zone, notice)


def _into_digest(session: Session, clock: Clock, zone: tzinfo, notice: Notice) -> None:
    open_digest = select(Outgoing).where(
        Outgoing.person_id == notice.person_id, Outgoing.digest, Outgoing.tries == 0, Outgoing.due_at > clock()
    )
    digest = session.scalars(open_digest.limit(1).with_for_update()).first()
    if digest is None:
        session.add(_outgoing(Channel.MAIL, notice, next_digest(clock(), zone), digest=True))
        session.flush()
    else:
        digest.notices = [*digest.notices, notice.id]


def _outgoing(channel: Channel, notice: Notice, due_at: datetime, *, digest: bool = False) -> Outgoing:
    return Outgoing(
        channel=channel,
        person_id=notice.person_id,
        digest=digest,
        notices=[notice.id],
        due_at=due_at,
        until=due_at + _PATIENCE,
    )


def _due(parts: Parts, channel: Channel) -> Sequence[str]:
    due = select(Outgoing.id).where(Outgoing.channel == channel, Outgoing.given_up_at.is_(None))
    with parts.database.reading() as session:
        return session.scalars(
            due.where(Outgoing.due_at <= parts.clock()).order_by(Outgoing.due_at).limit(_ROUND)
        ).all()


def _begin(parts: Parts, message_id: str, *, at_most_twice: bool) -> Outgoing | None:
    """Write down that a try begins; None where none is left, or somebody else was first."""
    with parts.database.writing() as session:
        message = session.get(Outgoing, message_id, with_for_update=True)
        if message is None or message.given_up_at is not None:
            return None
        now = parts.clock()
        spent = at_most_twice and message.unclear >= _MOST_UNCLEAR
        if spent or now >= message.until:
            message.given_up_at = now
            message.error = message.error or "broken off twice while it was sent"
            log.warning("message %s is given up: %s", message.id, message.error)
            return None
        message.tries += 1
        message.unclear += 1
        return message


def _failed(parts: Parts, message: Outgoing, error: str, *, clear: bool, final: bool) -> None:
    pause = min(_FIRST_PAUSE * 2 ** min(message.tries - 1, 10), _LONGEST_PAUSE)
    now = parts.clock()
    values: dict[str, object] = {"error": error[:500], "due_at": now + pause, "given_up_at": now if final else None}
    if clear:
        values["unclear"] = message.unclear - 1
    log.warning("message %s was not sent: %s", message.id, error)
    with parts.database.writing() as session:
        change(session, update(Outgoing).where(Outgoing.id == message.id).values(**values))
