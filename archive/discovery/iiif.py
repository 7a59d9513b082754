"""The addresses of the IIIF Image API 3 as far as our viewer and common readers need them, parsed and computed.

Region and size are in pixels of the image as it is offered, which for view-only reading is smaller than the scan.
"""

from dataclasses import dataclass
from typing import Any

from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["VIEW_ONLY_WIDTH", "Frame", "ImageRequest", "image_information", "offered_size", "parse"]

#: who may only look is never offered more than this many pixels across: readable, not reproducible
VIEW_ONLY_WIDTH = 2000
_TILE = 512


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What was asked for: a rectangle of the offered image, the size to deliver it in, and a turn in degrees."""

    region: Frame
    width: int
    height: int
    turn: int

    def is_thumbnail(self, offered: tuple[int, int], limit: int) -> bool:
        """Whether this is the whole page in at most `limit` pixels a side. Small pieces of a page are none."""
        whole = (self.region.width, self.region.height) == offered
        return whole and max(self.width, self.height) <= limit


def offered_size(width: int, height: int, *, view_only: bool) -> tuple[int, int]:
    """The size at which a page of `width` × `height` pixels is offered."""
    if not view_only or width <= VIEW_ONLY_WIDTH:
        return width, height
    return VIEW_ONLY_WIDTH, max(1, round(height * VIEW_ONLY_WIDTH / width))


def image_information(address: str, width: int, height: int) -> dict[str, Any]:
    """The info.json of an image offered in this size at this address."""
    factors = [1]
    while max(width, height) / factors[-1] > _TILE:
        factors.append(factors[-1] * 2)
    return {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": address,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level1",
        "width": width,
        "height": height,
        "maxWidth": width,
        "tiles": [{"width": _TILE, "height": _TILE, "scaleFactors": factors}],
        "extraFeatures": ["rotationBy90s", "sizeByConfinedWh", "sizeByPct", "regionByPct"],
    }


def parse(region: str, size: str, rotation: str, offered: tuple[int, int]) -> ImageRequest:
    """Read the three parts of an address. Raises InvalidError when one cannot be delivered."""
    try:
        frame = _region(region, *offered)
        width, height = _size(size.removeprefix("^"), frame)
        turn = int(rotation)
    except (ValueError, ZeroDivisionError) as error:
        raise _unusable() from error
    enlarged = width > frame.width or height > frame.height
    if turn not in (0, 90, 180, 270) or min(width, height) < 1 or enlarged:
        raise _unusable()
    return ImageRequest(frame, width, height, turn)


def _region(text: str, width: int, height: int) -> Frame:
    if text == "full":
        return Frame(0, 0, width, height)
    if text == "square":
        side = min(width, height)
        return Frame((width - side) // 2, (height - side) // 2, side, side)
    values = [float(value) for value in text.removeprefix("pct:").split(",")]
    if text.startswith("pct:"):
        values = [value * side / 100 for value, side in zip(values, (width, height) * 2, strict=True)]
    left, top, wide, tall = (round(value) for value in values)
    right, bottom = min(left + wide, width), min(top + tall, height)
    if left < 0 or top < 0 or right <= left or bottom <= top:
        raise ValueError(text)
    return Frame(left, top, right - left, bottom - top)


def _size(text: str, frame: Frame) -> tuple[int, int]:
    if text == "max":
        return frame.width, frame.height
    if text.startswith("pct:"):
        share = float(text[4:]) / 100
        return max(1, round(frame.width * share)), max(1, round(frame.height * share))
    confined = text.startswith("!")
    wide, tall = (int(value) if value else 0 for value in text.removeprefix("!").split(","))
    if wide and tall and not confined:
        return wide, tall
    shares = [asked / had for asked, had in ((wide, frame.width), (tall, frame.height)) if asked]
    share = min(shares)  # no side given leaves nothing to choose from: ValueError
    return max(1, round(frame.width * share)), max(1, round(frame.height * share))


def _unusable() -> InvalidError:
    return InvalidError(_("无法提供这样的图像：区域、尺寸或旋转角度不正确。"))
