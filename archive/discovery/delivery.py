"""A piece of a page as it leaves the house: cut, scaled and turned, with the mark burned in."""

import io
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PIL import Image

from archive.discovery.access import Access
from archive.discovery.iiif import ImageRequest
from archive.discovery.scans import PageSource, ScanCache
from archive.discovery.watermark import mark
from archive.platform.accounts.models import Person

__all__ = ["Delivery", "mark_lines"]

_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers pieces of pages to one reader at one time."""

    scans: ScanCache
    #: the mark; none for pictures too small to be read
    lines: tuple[str, ...]

    def piece(self, source: PageSource, offered_width: int, wanted: ImageRequest) -> bytes:
        """A JPEG of what was asked for. Raises what `ScanCache.page` raises, and FontMissingError."""
        page = self.scans.page(source, offered_width)
        region = wanted.region
        box = (region.left, region.top, region.left + region.width, region.top + region.height)
        size = (wanted.width, wanted.height)
        piece = page.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0).convert("RGB")
        if not self.lines:
            return _jpeg(_turned(piece, wanted.turn))
        left, top = region.left * wanted.width // region.width, region.top * wanted.height // region.height
        return _jpeg(_turned(mark(piece, self.lines, left=left, top=top), wanted.turn))


def mark_lines(person: Person, access: Access, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Who, from where, when (to the minute), by which leave: the grant's number, else the accession number."""
    grant = access.decision.grant
    leave = grant.number if grant else access.item.accession
    return (person.name, person.unit.name, now.astimezone(zone).strftime("%Y-%m-%d %H:%M"), leave)


def _turned(picture: Image.Image, turn: int) -> Image.Image:
    return picture.rotate(-turn, expand=True) if turn else picture


def _jpeg(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
