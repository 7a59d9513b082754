"""E-mail: its head and words on pages that are set here, then the pages of what is attached, as far as it has pages.

The file itself stays whole; what has no pages is named on the first ones, with its size and its digest.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ingest.context import Line, PageText, Proposal
from ingest.errors import UnreadableSourceError
from ingest.sources.interface import Source
from ingest.sources.mail_message import LARGEST, Attached, MailMessage, read_mail
from ingest.sources.typed_page import DPI, Style, TypedPage, typeset

__all__ = ["MailSource", "mail_proposals"]

#: messages within messages that are opened
DEEPEST = 5
#: characters of the words that are set on pages; the file itself has the rest
LONGEST = 200_000
#: pictures of fewer pixels on their shorter side are signs and signatures, not scans
SMALLEST_SCAN = 600
#: of names, addresses and subjects, and how many receivers are shown
SHOWN, RECEIVERS = 500, 100

HEADING = "电子邮件"
SENDER, RECEIVER, COPY, DATE, SUBJECT = "发件人：", "收件人：", "抄送：", "日期：", "主题："
NO_SUBJECT = "（无主题）"
_LABELS = (SENDER, RECEIVER, COPY, DATE, SUBJECT)
_WHY = {
    "damaged": "文件已损坏，未显示",
    "empty": "文件是空的",
    "password": "设有密码，未显示",
    "too_large": "像素过大，未显示",
    "too_deep": "邮件层层嵌套，未显示",
    "mail_too_large": "邮件过大，未显示",
    "small": "图片较小，未单独成页",
}
_NO_PAGES = "此类文件不能显示"
_REPLY = re.compile(r"^\s*(?:(?:re|fw|fwd|回复|答复|转发|回覆|轉寄)\s*[:：]\s*)+", re.IGNORECASE)

_HEAD, _WORDS = Style(30, 50), Style()
_SURE = 0.95

#: opens bytes under a name, so many messages deep; raises UnreadableSourceError
Opener = Callable[[bytes, str, int], Source]


class MailSource(Source):
    """A message. What is attached is opened as any file is, and closed with it."""

    def __init__(self, file: Path | bytes, opener: Opener, depth: int = 0) -> None:
        if depth > DEEPEST:
            raise UnreadableSourceError("too_deep")
        data = file if isinstance(file, bytes) else _read(file)
        if len(data) > LARGEST:
            raise UnreadableSourceError("mail_too_large")
        message = read_mail(data)
        with ExitStack() as opened:
            shown = [_opened(one, opener, depth) for one in message.attached]
            sources = [source for source in shown if isinstance(source, Source)]
            for source in sources:
                opened.enter_context(source)
            self._opened = opened.pop_all()
        self._own = _set(message, shown)
        self._attached = [(source, number) for source in sources for number in range(1, source.page_count + 1)]
        self.page_count = len(self._own) + len(self._attached)

    def image(self, number: int) -> tuple[NDArray[np.uint8], int]:
        """See Source."""
        page = self._page(number)
        return (page.image(), DPI) if isinstance(page, TypedPage) else page[0].image(page[1])

    def jpeg(self, number: int) -> bytes | None:
        """See Source: pages that are attached so."""
        page = self._page(number)
        return None if isinstance(page, TypedPage) else page[0].jpeg(page[1])

    def lines(self, number: int) -> tuple[Line, ...] | None:
        """See Source: head and words, and what the attached files hold themselves."""
        page = self._page(number)
        return page.lines() if isinstance(page, TypedPage) else page[0].lines(page[1])

    def close(self) -> None:
        """See Source."""
        self._opened.close()

    def _page(self, number: int) -> TypedPage | tuple[Source, int]:
        index = self._index(number)
        return self._own[index] if index < len(self._own) else self._attached[index - len(self._own)]


def mail_proposals(text: PageText) -> list[Proposal]:
    """Title, date, issuer and addressee from the first page of a message, as it is set here; nothing from another."""
    if not text.lines or text.lines[0].text != HEADING:
        return []
    head = dict(_labelled(text.lines))
    values = {
        "title": _REPLY.sub("", head.get(SUBJECT, ("", 0))[0].replace(NO_SUBJECT, "")),
        "date": _digits(head.get(DATE, ("", 0))[0]),
        "issuer": _people(head.get(SENDER, ("", 0))[0]),
        "addressee": _people(head.get(RECEIVER, ("", 0))[0]),
    }
    places = {"title": SUBJECT, "date": DATE, "issuer": SENDER, "addressee": RECEIVER}
    return [Proposal(field, value, _SURE, 1, head[places[field]][1]) for field, value in values.items() if value]


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _opened(attached: Attached, opener: Opener, depth: int) -> Source | str:
    """The pages of what is attached, or why it has none."""
    if _is_sign(attached):
        return "small"
    try:
        return opener(attached.data, attached.name, depth + 1)
    except UnreadableSourceError as error:
        return error.reason


def _is_sign(attached: Attached) -> bool:
    """Whether it is a small picture: a signature, a logo."""
    try:
        with Image.open(io.BytesIO(attached.data), formats=("PNG", "JPEG", "GIF", "BMP")) as picture:
            return min(picture.size) < SMALLEST_SCAN
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


# --- what is set ---


def _set(message: MailMessage, shown: Sequence[Source | str]) -> list[TypedPage]:
    """The message on pages. How many they are decides on which page the first attachment begins."""
    pages = typeset(_paragraphs(message, shown, 0))
    if not any(isinstance(one, Source) for one in shown):
        return pages
    again = typeset(_paragraphs(message, shown, len(pages)))
    return again if len(again) == len(pages) else typeset(_paragraphs(message, shown, len(again)))


def _paragraphs(message: MailMessage, shown: Sequence[Source | str], own: int) -> Iterator[tuple[str, Style]]:
    yield HEADING, _HEAD
    yield f"{SENDER}{_listed(message.sender)}", _WORDS
    yield f"{RECEIVER}{_listed(message.receivers)}", _WORDS
    if message.copied:
        yield f"{COPY}{_listed(message.copied)}", _WORDS
    yield f"{DATE}{_written(message.date)}", _WORDS
    yield f"{SUBJECT}{message.subject[:SHOWN] or NO_SUBJECT}", _WORDS
    yield from _attachments(message, shown, own + 1)
    yield "", _WORDS
    for line in message.body[:LONGEST].splitlines():
        yield line, _WORDS
    if len(message.body) > LONGEST:
        yield "（正文过长，以下从略；原邮件已完整保存。）", _WORDS


def _attachments(message: MailMessage, shown: Sequence[Source | str], first: int) -> Iterator[tuple[str, Style]]:
    """What is attached: its pages, of which the first is page `first`, or its digest where it has none."""
    if message.attached:
        yield "", _WORDS
        yield f"附件：{len(message.attached) + message.left_out} 个", _WORDS
    for number, (attached, source) in enumerate(zip(message.attached, shown, strict=True), 1):
        yield f"{number}. {attached.name[:SHOWN]}（{len(attached.data):,} 字节，{_where(source, first)}）", _WORDS
        if isinstance(source, Source):
            first += source.page_count
        else:
            yield f"SHA-256：{hashlib.sha256(attached.data).hexdigest()}", _WORDS
    if message.left_out:
        yield f"另有 {message.left_out} 个部分未列出，原邮件已完整保存。", _WORDS


def _where(source: Source | str, first: int) -> str:
    if isinstance(source, str):
        return _WHY.get(source, _NO_PAGES)
    last = first + source.page_count - 1
    return f"见第 {first} 页" if last == first else f"见第 {first}–{last} 页"


def _listed(people: Sequence[tuple[str, str]]) -> str:
    listed = "；".join(
        f"{name} <{address}>" if name and address else name or address for name, address in people[:RECEIVERS]
    )
    return listed[: SHOWN * 10] + (f" 等 {len(people)} 人" if len(people) > RECEIVERS else "")


def _written(date: datetime | None) -> str:
    """The date as the sender's clock had it."""
    return f"{date.year}年{date.month}月{date.day}日 {date:%H:%M}" if date else "（不详）"


# --- what is read from it ---


def _labelled(lines: Sequence[Line]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each label of the head with its value, over all its lines, and the line on which it begins."""
    label, value, start, bottom = "", "", 0, 0.0
    for n, line in enumerate(lines[1:], 1):
        top = line.quad[0][1]
        found = next((one for one in _LABELS if line.text.startswith(one)), "")
        if label and (found or top - bottom > _WORDS.leading):
            yield label, (value, start)
            label = ""
        if found:
            label, value, start = found, line.text.removeprefix(found), n
        elif label:
            value += line.text
        else:
            return
        bottom = top
    if label:
        yield label, (value, start)


def _people(value: str) -> str:
    """Names, or addresses of those without one."""
    people = [re.sub(r"\s*<[^>]*>$", "", one.strip()) or one.strip(" <>") for one in value.split("；")]
    return "、".join(one for one in people if one)[:200]


def _digits(value: str) -> str:
    found = re.match(r"(\d{1,4})年(\d{1,2})月(\d{1,2})日", value)
    return f"{int(found[1]):04}{int(found[2]):02}{int(found[3]):02}" if found else ""
