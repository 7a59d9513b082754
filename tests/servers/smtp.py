"""A real mail server in a thread of this process: it takes, refuses, keeps silent or breaks off as it is told."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.servers.process import free_port

__all__ = ["MailBox", "smtp_server"]

_USER, _PASSWORD = b"danggui", b"mail password"


@dataclass
class MailBox:
    """What came, and how the next mails are answered."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    #: the whole answer to a recipient, such as "550 no such user"
    recipient: str = "250 OK"
    #: the whole answer to the text of a mail
    text: str = "250 OK"
    #: seconds of silence after a mail was taken
    silence: float = 0

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """A recipient is named."""
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - as above
        """A mail comes."""
        if self.text.startswith("250"):
            content = cast(bytes, envelope.content)
            self.mails.append(message_from_bytes(content, policy=default))
        if self.silence:
            time.sleep(self.silence)
        return self.text


def _authenticate(
    _server: SMTP, _session: Any, _envelope: Envelope, _mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (_USER, _PASSWORD))


@contextmanager
def smtp_server(certificate: ssl.SSLContext | None = None, *, login: bool = False) -> Iterator[MailBox]:
    """A server on a port of its own; with a certificate it wants STARTTLS, with `login` user and password."""
    box = MailBox(free_port())
    demands: dict[str, Any] = {"auth_required": True, "authenticator": _authenticate} if login else {}
    if login and certificate is None:
        demands["auth_require_tls"] = False
    if certificate is not None:
        demands |= {"tls_context": certificate, "require_starttls": True}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **demands)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
