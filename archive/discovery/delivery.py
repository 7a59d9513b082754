"""A piece of a page as it leaves the house: cut, scaled and turned, with the mark burned in."""

import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PIL import Image

from archive.discovery.access import Access
from archive.discovery.iiif import ImageRequest
from archive.discovery.mark_names import mark_name
from archive.discovery.watermark import mark, mark_unseen
from archive.platform.accounts.models import Person

__all__ = ["mark_lines", "marked_piece", "thumbnail", "unseen_name"]

_QUALITY = 85


def marked_piece(page: Image.Image, wanted: ImageRequest, lines: Sequence[str], name: str) -> bytes:
    """A JPEG of what was asked for of a page in its offered size, bearing `lines` and, unseen, `name`.

    Raises FontMissingError.
    """
    region = wanted.region
    box = (region.left, region.top, region.left + region.width, region.top + region.height)
    size = (wanted.width, wanted.height)
    piece = page.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0).convert("RGB")
    left, top = region.left * wanted.width // region.width, region.top * wanted.height // region.height
    marked = mark_unseen(mark(piece, lines, left=left, top=top), name, left=left, top=top)
    return _jpeg(_turned(marked, wanted.turn))


def thumbnail(small: Image.Image, wanted: ImageRequest) -> bytes:
    """A JPEG of a whole page in little: it cannot be read, so it needs no mark."""
    return _jpeg(_turned(small.resize((wanted.width, wanted.height), Image.Resampling.LANCZOS), wanted.turn))


def mark_lines(person: Person, access: Access, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Who, from where, when (to the minute), by which leave: the grant's number, else the accession number.

    A visitor is named with the employee beside him.
    """
    grant = access.decision.grant
    leave = grant.number if grant else access.item.accession
    who = (grant.visitor, person.name) if grant and grant.visitor else (person.name, person.unit.name)
    return (*who, now.astimezone(zone).strftime("%Y-%m-%d %H:%M"), leave)


def unseen_name(person: Person, access: Access, now: datetime) -> str:
    """The name that the unseen mark bears."""
    grant = access.decision.grant
    return mark_name(person.id, access.item.id, grant.id if grant else None, now)


def _turned(picture: Image.Image, turn: int) -> Image.Image:
    return picture.rotate(-turn, expand=True) if turn else picture


def _jpeg(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
