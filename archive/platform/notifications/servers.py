"""Where notices are sent, as the settings say it: a mail server, a webhook. Mistakes are ValueErrors in plain words."""

import enum
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from archive.platform.accounts.email import check_email
from archive.platform.errors import InvalidError
from archive.platform.seats.addresses import Network, networks

__all__ = ["MailServer", "Tls", "Webhook", "secret"]

_MAIL_FORM = "smtp://user@host:587?from=archive@example.com, or smtps://…"


class Tls(enum.StrEnum):
    """How the way to the mail server is encrypted."""

    FROM_START = "from_start"  #: smtps
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes our mail, and in whose name it is sent."""

    host: str
    port: int
    sender: str
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str, password: str) -> Self:
        """Read `smtp://user:password@host:port?from=…&tls=starttls|none` or `smtps://…`. Raises ValueError."""
        address = urlsplit(url)
        asked = parse_qs(address.query, strict_parsing=bool(address.query))
        sender, tls = asked.pop("from", [""])[0], asked.pop("tls", ["starttls"])[0]
        if address.scheme not in {"smtp", "smtps"} or not address.hostname or asked or address.path not in {"", "/"}:
            raise ValueError(f"write {_MAIL_FORM}")
        if tls not in {Tls.STARTTLS, Tls.NONE}:
            raise ValueError("write tls=starttls, or tls=none for a server on this machine")
        try:
            sender = check_email(sender)
        except InvalidError:
            sender = ""
        if not sender:
            raise ValueError("add ?from= with the address it is sent from")
        secure = address.scheme == "smtps"
        user, given = unquote(address.username or ""), unquote(address.password or "")
        return cls(
            host=address.hostname,
            port=address.port or (465 if secure else 587),
            sender=sender,
            tls=Tls.FROM_START if secure else Tls(tls),
            user=user,
            password=given or secret(password),
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """Whom programs are told at: only where the address is public, or lies in one of `inside`."""

    url: str
    host: str
    port: int
    secure: bool
    path: str
    secret: bytes = field(repr=False)
    inside: tuple[Network, ...] = ()

    @classmethod
    def of(cls, url: str, key: str, inside: str) -> Self:
        """Read the address, its secret and the private networks that may be reached. Raises ValueError."""
        address = urlsplit(url)
        if address.scheme not in {"https", "http"} or not address.hostname or address.username is not None:
            raise ValueError("write https://host/path")
        secure = address.scheme == "https"
        allowed = networks(inside)
        if not secure and not allowed:
            raise ValueError("write https://…; plain http:// only inside the networks of DANGGUI_WEBHOOK_NETWORKS")
        given = secret(key)
        if len(given) < 16:
            raise ValueError("set DANGGUI_WEBHOOK_SECRET to at least 16 characters, or file:///path")
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        port = address.port or (443 if secure else 80)
        return cls(url, address.hostname, port, secure, path, given.encode(), allowed)


def secret(text: str) -> str:
    """A secret as it was set: itself, or what stands in the file that `file:///path` names. Raises ValueError."""
    if not text.startswith("file:///"):
        return text
    path = Path(unquote(urlsplit(text).path))
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read") from error
