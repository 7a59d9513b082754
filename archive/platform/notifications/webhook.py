"""Notices for programs: a signed JSON message of kind, ids and times, posted to one address.

The signature is HMAC-SHA256, with the shared secret, of the timestamp, a full stop, and the body. The address is looked
up once for each message, and what it leads to is what is called: a name that changes its mind in between gains nothing.
"""

import hashlib
import hmac
import json
import socket
import ssl
from http.client import HTTPConnection, HTTPException

from archive.platform.notifications.models import Channel, Notice, Outgoing
from archive.platform.notifications.outbox import NotSentError, ServerAwayError, work_off
from archive.platform.notifications.servers import Webhook
from archive.platform.parts import Parts
from archive.platform.seats.addresses import parsed, within

__all__ = ["call_webhook", "post", "signature"]

_TIMEOUT = 10.0


def call_webhook(parts: Parts) -> int:
    """Post what is due; returns how many messages were seen to."""
    target = parts.settings.webhook_target
    if target is None:
        return 0

    def send(message: Outgoing) -> None:
        with parts.database.reading() as session:
            notice = session.get(Notice, message.notices[0])
        if notice is not None:
            post(target, message.id, _body(message, notice), int(parts.clock().timestamp()))

    return work_off(parts, Channel.WEBHOOK, send, at_most_twice=False)


def signature(secret: bytes, timestamp: int, body: bytes) -> str:
    """What `X-Danggui-Signature` says of a body."""
    return "sha256=" + hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def post(target: Webhook, message_id: str, body: bytes, timestamp: int) -> None:
    """Post one message; redirects are not followed. Raises NotSentError, ServerAwayError, OSError."""
    connection = _Connection(target, _reachable(target))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "danggui",
        "X-Danggui-Delivery": message_id,
        "X-Danggui-Timestamp": str(timestamp),
        "X-Danggui-Signature": signature(target.secret, timestamp, body),
    }
    try:
        connection.connect()
    except OSError as error:
        raise ServerAwayError(f"{target.host}:{target.port}: {error}") from error
    try:
        connection.request("POST", target.path, body, headers)
        status = connection.getresponse().status
    except HTTPException as error:
        raise OSError(f"no proper answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotSentError(f"answered with {status}")


class _Connection(HTTPConnection):
    """A connection to an address that was looked at before, under the name that was asked for."""

    def __init__(self, target: Webhook, address: str) -> None:
        super().__init__(target.host, target.port, timeout=_TIMEOUT)
        self._secure, self._address = target.secure, address

    def connect(self) -> None:
        """Open it."""
        opened = socket.create_connection((self._address, self.port), _TIMEOUT)
        if self._secure:
            opened = ssl.create_default_context().wrap_socket(opened, server_hostname=self.host)
        self.sock = opened


def _reachable(target: Webhook) -> str:
    """The address to call: public, or in a network that was allowed; plain http only in such a one."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ServerAwayError(f"{target.host}: {error}") from error
    addresses = [address for *_, place in found if (address := parsed(str(place[0]))) is not None]
    allowed = [one for one in addresses if within(one, target.inside) or (target.secure and one.is_global)]
    if not allowed:
        raise ServerAwayError(f"{target.host} leads to a private address: DANGGUI_WEBHOOK_NETWORKS does not name it")
    return str(allowed[0])


def _body(message: Outgoing, notice: Notice) -> bytes:
    said = {
        "id": message.id,
        "kind": notice.kind.value,
        "notice": notice.id,
        "person": notice.person_id,
        "created_at": notice.created_at.isoformat(),
    }
    return json.dumps(said).encode()
