"""What an e-mail says: its head, its words, and what is attached; of messages as they are, not as they should be.

Nothing that it refers to elsewhere is fetched, and nothing in it is run.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from ingest.errors import UnreadableSourceError
from ingest.sources.html_text import html_text

__all__ = ["HEAD_BYTES", "LARGEST", "Attached", "MailMessage", "looks_like_mail", "read_mail"]

#: bytes at the beginning of a file by which a message is known
HEAD_BYTES = 4096
#: bytes of a message: it is held in memory several times over
LARGEST = 32 << 20
#: parts that are looked at, and levels of parts within parts
MOST_PARTS, DEEPEST = 500, 30
#: characters of a header that are read
LONGEST_HEADER = 20_000
#: headers that files of other kinds do not begin with
_KNOWN = frozenset(
    {b"authentication-results", b"bcc", b"cc", b"content-type", b"date", b"delivered-to", b"dkim-signature", b"from"}
    | {b"message-id", b"mime-version", b"received", b"reply-to", b"return-path", b"sender", b"subject", b"to"}
    | {b"x-mailer", b"x-originating-ip", b"x-priority"}
)
_HEADER = re.compile(rb"([!-9;-~]+):")
#: encodings that name themselves wrongly, or less than they hold
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "us-ascii": "", "ascii": "", "iso-8859-1": ""}
#: leading bytes of the characters in common use, by encoding
_COMMON = {"gb18030": (0xB0, 0xD7), "big5hkscs": (0xA4, 0xC6)}


@dataclass(frozen=True, slots=True)
class Attached:
    """Something attached; `inline` where the words show it in their midst."""

    name: str
    data: bytes
    inline: bool


@dataclass(frozen=True, slots=True)
class MailMessage:
    """A message. `sender` and `receivers` are (name, address); `date` is None where there is none that can be read."""

    subject: str
    sender: tuple[tuple[str, str], ...]
    receivers: tuple[tuple[str, str], ...]
    copied: tuple[tuple[str, str], ...]
    date: datetime | None
    body: str
    attached: tuple[Attached, ...]
    #: how many further parts were not looked at
    left_out: int


def looks_like_mail(head: bytes) -> bool:
    """Whether a file that begins so is a message: it starts with headers, two of which only messages have."""
    found: set[bytes] = set()
    for line in head[:HEAD_BYTES].removeprefix(codecs.BOM_UTF8).splitlines():
        if line[:1] in (b" ", b"\t"):
            continue
        if line.startswith(b"From ") and not found:
            continue  # as files of whole mailboxes begin each message
        header = _HEADER.match(line)
        if header is None:
            break
        found.add(header[1].lower())
    return len(found & _KNOWN) >= 2


def read_mail(data: bytes) -> MailMessage:
    """The message in these bytes. Raises UnreadableSourceError."""
    try:
        message = message_from_bytes(data.removeprefix(codecs.BOM_UTF8), policy=policy.compat32)
        parts = list(_parts(message))
    except (MessageError, RecursionError, LookupError, ValueError) as error:
        raise UnreadableSourceError("damaged", str(error)) from error
    kept, left_out = parts[:MOST_PARTS], max(0, len(parts) - MOST_PARTS)
    body, attached = _divided(kept)
    return MailMessage(
        subject=_header(message, "subject"),
        sender=_addresses(message, "from"),
        receivers=_addresses(message, "to"),
        copied=_addresses(message, "cc"),
        date=_date(_header(message, "date")),
        body=body,
        attached=tuple(attached),
        left_out=left_out,
    )


def _parts(message: Message, depth: int = 0) -> Iterator[Message]:
    """The leaves of a message in order; a message within it is one. Of alternatives the plainest that has words."""
    if depth > DEEPEST:
        raise UnreadableSourceError("damaged", "parts within parts without end")
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    within = [part for part in message.get_payload() if isinstance(part, Message)]
    if message.get_content_subtype() == "alternative":
        within = _best(within)
    for part in within:
        yield from _parts(part, depth + 1)


def _best(alternatives: Sequence[Message]) -> list[Message]:
    """One alternative: plain words if there are any, else the richest; invitations and the like stay beside it."""
    plain = [one for one in alternatives if one.get_content_type() == "text/plain" and _words(one).strip()]
    texts = [one for one in alternatives if one.get_content_maintype() in ("text", "multipart")]
    chosen = plain[:1] or texts[-1:]
    return chosen + [one for one in alternatives if one not in texts]


def _divided(parts: Sequence[Message]) -> tuple[str, list[Attached]]:
    """The words, and what is attached to them."""
    words: list[str] = []
    attached: list[Attached] = []
    for part in parts:
        disposition, name = part.get_content_disposition(), _file_name(part)
        if part.get_content_maintype() == "text" and disposition != "attachment" and not name:
            words.append(_words(part).strip("\n"))
        else:
            attached.append(Attached(name or _unnamed(part), _bytes(part), bool(part.get("Content-ID"))))
    return "\n\n".join(one for one in words if one), attached


def _words(part: Message) -> str:
    text = _decoded(_bytes(part), str(part.get_content_charset("") or ""))
    return html_text(text) if part.get_content_subtype() == "html" else text


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return part.get_payload(0).as_bytes()  # type: ignore[union-attr]  # a message has one message within it
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _unnamed(part: Message) -> str:
    return {"message/rfc822": "转发的邮件.eml", "text/html": "正文.html"}.get(part.get_content_type(), "未命名附件")


def _file_name(part: Message) -> str:
    name = part.get_filename("")
    return re.sub(r"[\x00-\x1f\x7f]+", " ", _decoded_header(name)).replace("\\", "/").rpartition("/")[2].strip()


# --- headers ---


def _header(message: Message, name: str) -> str:
    raw = next((str(value) for header, value in message.raw_items() if header.lower() == name), "")
    return " ".join(_decoded_header(raw).split())


def _addresses(message: Message, name: str) -> tuple[tuple[str, str], ...]:
    raw = [str(value)[:LONGEST_HEADER] for header, value in message.raw_items() if header.lower() == name]
    # Names are decoded after the addresses were told apart: they may hold the commas that part these.
    found = getaddresses([one if one.isascii() else _decoded_header(one) for one in raw])
    return tuple((" ".join(_decoded_header(who).split()), address) for who, address in found if who or address)


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _decoded_header(raw: str) -> str:
    """A header as it is meant: encoded words decoded, and bytes that were put there bare."""
    raw = raw[:LONGEST_HEADER]
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        parts = [(raw, None)]
    return "".join(_part(part, charset) for part, charset in parts)


def _part(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        if part.isascii():
            return part
        part = part.encode("utf-8", "surrogateescape")
    return _decoded(part, charset or "")


# --- encodings ---


def _decoded(data: bytes, charset: str) -> str:
    """Text of bytes in the encoding that is named, if they are in it; else in the likeliest one."""
    named = _WIDER.get(charset.lower(), charset.lower())
    for encoding in (named, "utf-8", _likelier_of_east(data)):
        try:
            if encoding:
                return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("utf-8" if named in ("", "utf-8") else _known(named), "replace")


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "utf-8"


def _likelier_of_east(data: bytes) -> str:
    """GB18030 or Big5: that by which more of the characters are in common use."""
    return max(_COMMON, key=lambda encoding: _common_share(data, encoding))


def _common_share(data: bytes, encoding: str) -> float:
    first, last = _COMMON[encoding]
    try:
        chars = [char.encode(encoding) for char in data.decode(encoding)]
    except UnicodeDecodeError:
        return 0.0
    wide = [char for char in chars if len(char) > 1]
    return sum(first <= char[0] <= last for char in wide) / len(wide) if wide else 0.0
