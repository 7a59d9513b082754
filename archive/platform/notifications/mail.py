"""Notices by e-mail: numbers and links, in the language of whoever is told; plain text and simple HTML."""

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, partial
from types import TracebackType
from typing import Any, Self

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from sqlalchemy import select

from archive.platform.accounts.models import Person
from archive.platform.db import Database
from archive.platform.notifications.models import Channel, Notice, Outgoing
from archive.platform.notifications.outbox import NotSentError, ServerAwayError, work_off
from archive.platform.notifications.servers import MailServer, Tls
from archive.platform.notifications.words import words_of
from archive.platform.parts import Parts
from archive.platform.translations import say, say_count
from archive.settings import Settings

__all__ = ["Mailer", "compose", "send_mail"]

#: seconds a mail server may be silent
_TIMEOUT = 20.0
_PERMANENT = 500


def send_mail(parts: Parts) -> int:
    """Send what is due; returns how many messages were seen to."""
    server = parts.settings.mail_server
    if server is None:
        return 0

    def send(message: Outgoing) -> None:
        if (found := _wanted(parts.database, message)) is not None:
            mailer.send(compose(parts.settings, server, message, *found, parts.clock()))

    with Mailer(server) as mailer:
        return work_off(parts, Channel.MAIL, send, at_most_twice=True)


def compose(
    settings: Settings, server: MailServer, message: Outgoing, person: Person, notices: Sequence[Notice], now: datetime
) -> EmailMessage:
    """The mail as it is sent. The same message has the same Message-ID however often it is composed."""
    speak = partial(say, person.language)
    words = [_line(words_of(notice, speak)) for notice in notices]
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = server.sender, person.email
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.id}@{server.sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    links = [settings.url.rstrip("/") + notice.link if settings.url and notice.link else "" for notice in notices]
    shown = {
        "name": _line(person.name),
        "lines": list(zip(words, links, strict=True)),
        "organisation": settings.organisation,
        "language": person.language.value.replace("_", "-"),
        "choices": f"{settings.url.rstrip('/')}/notices/mail" if settings.url else "",
        "digest": message.digest,
        "_": speak,
        "_n": partial(say_count, person.language),
    }
    mail["Subject"] = _line(_template("mail.subject.jinja2").render(shown))
    mail.set_content(_template("mail.txt.jinja2").render(shown))
    mail.add_alternative(_template("mail.html.jinja2").render(shown), subtype="html")
    return mail


class Mailer:
    """One conversation with a mail server, begun with the first mail and ended with the block."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, mail: EmailMessage) -> None:
        """Hand a mail over. Raises NotSentError, ServerAwayError; OSError where nobody knows whether it was taken."""
        smtp = self._smtp or self._connected()
        try:
            smtp.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise NotSentError(_said(code, said), final=code >= _PERMANENT) from error
        except smtplib.SMTPDataError as error:
            raise NotSentError(_said(error.smtp_code, error.smtp_error), final=error.smtp_code >= _PERMANENT) from error
        except smtplib.SMTPResponseException as error:
            raise ServerAwayError(_said(error.smtp_code, error.smtp_error)) from error
        except OSError:
            self._hang_up()
            raise

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        try:
            if server.tls is Tls.FROM_START:
                self._smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=context)
            else:
                self._smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
            if server.tls is Tls.STARTTLS:
                self._smtp.starttls(context=context)
            if server.user:
                self._smtp.login(server.user, server.password)
        except smtplib.SMTPResponseException as error:
            self._hang_up()
            raise ServerAwayError(_said(error.smtp_code, error.smtp_error)) from error
        except OSError as error:
            self._hang_up()
            raise ServerAwayError(f"{server.host}:{server.port}: {error}") from error
        return self._smtp

    def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _wanted(database: Database, message: Outgoing) -> tuple[Person, list[Notice]] | None:
    """Whom it goes to and what it says, as things are now; None where there is nothing to say any more."""
    with database.reading() as session:
        person = session.get(Person, message.person_id)
        found = session.scalars(select(Notice).where(Notice.id.in_(message.notices)).order_by(Notice.id)).all()
        open_ones = [notice for notice in found if notice.done_at is None and notice.read_at is None]
    if person is None or not person.email or not person.active or not open_ones:
        return None
    return person, open_ones


def _said(code: int, reply: bytes | str) -> str:
    words = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return f"{code} {_line(words)}"


def _line(text: str) -> str:
    """In one line, whatever was entered: a header ends where a line does."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


@cache
def _template(name: str) -> Any:
    loader = PackageLoader("archive.platform.notifications")
    environment = Environment(
        loader=loader,
        autoescape=select_autoescape(["html.jinja2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)
