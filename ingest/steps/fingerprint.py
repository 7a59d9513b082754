"""A fingerprint by which a page is known when it is scanned a second time: alike pages, alike bits.

It is taken from the words where there are enough, for they stay the same however the sheet lies, and from where the ink
lies where there are not. The two kinds never count as alike.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.context import PageText

__all__ = ["alike", "fingerprint", "near_beginnings", "of_words", "spoken"]

#: so many bits of 64 may differ between two scans of a page, by its words and by its picture
_LIKE_WORDS, _LIKE_PICTURES = 9, 5

#: a page with fewer signs is known by its picture, if so much of it is ink
_WORDY, _INKED = 20, 0.015
_SIGN = re.compile(r"[^\W_]+")
#: the first bit says of which kind it is
_PICTURED = 1 << 63

#: the picture is looked at in this width; ink differs from the paper around it by so many levels of 255
_WIDTH, _CONTRAST = 300, 30
_GRID, _SLOW = 32, 9


def fingerprint(image: NDArray[np.uint8], text: PageText) -> str:
    """64 bits as 16 hexadecimal digits, of the upright RGB page and what was read on it.

    "" for a page that holds too little to know it by.
    """
    words = spoken(text.text)
    if len(words) >= _WORDY:
        return f"{_of_words(words):016x}"
    ink = _ink(image)
    return f"{_of_picture(ink):016x}" if ink.mean() >= _INKED else ""


def spoken(text: str) -> str:
    """What is compared of a text: its signs without blanks and points, in one form and case."""
    return "".join(_SIGN.findall(unicodedata.normalize("NFKC", text).casefold()))


def of_words(fingerprint: str) -> bool:
    """Whether it was taken from the words of the page."""
    return not int(fingerprint, 16) & _PICTURED


def alike(one: str, other: str) -> bool:
    """Whether two fingerprints may be those of two scans of one page; two of different kinds never are."""
    if of_words(one) != of_words(other):
        return False
    differing = (int(one, 16) ^ int(other, 16)).bit_count()
    return differing <= (_LIKE_WORDS if of_words(one) else _LIKE_PICTURES)


def near_beginnings(fingerprint: str) -> Iterator[str]:
    """The first quarter of a fingerprint, and all that differ from it in one or two bits.

    Of fingerprints that are alike nearly all begin with one of these, which makes them quick to look up.
    """
    value = int(fingerprint[:4], 16)
    pairs = ((1 << one) | (1 << other) for one, other in combinations(range(16), 2))
    return (f"{value ^ flips:04x}" for flips in (0, *(1 << bit for bit in range(16)), *pairs))


def _of_words(words: str) -> int:
    """Each pair of signs votes on every bit; pairs that two texts share vote alike."""
    pairs = Counter(words[at : at + 2] for at in range(len(words) - 1))
    digests = b"".join(blake2b(pair.encode(), digest_size=8).digest() for pair in pairs)
    votes = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(-1, 8), axis=1).astype(np.int32) * 2 - 1
    weights = np.fromiter((1 + min(count, 8).bit_length() for count in pairs.values()), np.int32)
    won = (votes * weights[:, None]).sum(axis=0) > 0
    return int.from_bytes(np.packbits(won).tobytes(), "big") & ~_PICTURED


def _of_picture(ink: NDArray[Any]) -> int:
    """The signs of the slowest waves in which the ink, moved to the middle, is spread over the page."""
    tall, wide = ink.shape
    moments = cv2.moments(ink)
    if moments["m00"]:
        away = wide / 2 - moments["m10"] / moments["m00"], tall / 2 - moments["m01"] / moments["m00"]
        ink = cv2.warpAffine(ink, np.array([(1, 0, away[0]), (0, 1, away[1])], np.float32), (wide, tall))
    spread = cv2.GaussianBlur(cv2.resize(ink, (_GRID, _GRID), interpolation=cv2.INTER_AREA), (0, 0), 1.0)
    waves = cv2.dct(spread)
    slow = [waves[y, x] > 0 for y in range(_SLOW) for x in range(_SLOW) if 1 <= y + x <= _SLOW + 1][:63]
    return _PICTURED | int("".join("1" if wave else "0" for wave in slow), 2)


def _ink(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """1 where there is ink, without what hangs on the edge of the picture: the edge of the paper, and shadows."""
    step = max(1, min(image.shape[:2]) // _WIDTH)
    grey: NDArray[Any] = np.ascontiguousarray(image[::step, ::step, 1])
    size = (_WIDTH, max(16, round(_WIDTH * grey.shape[0] / grey.shape[1])))
    grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    ink = (cv2.subtract(cv2.medianBlur(grey, 31), grey) > _CONTRAST).astype(np.uint8)
    framed = cv2.copyMakeBorder(ink[4:-4, 4:-4], 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(1,))
    cv2.floodFill(framed, None, (0, 0), (0,))
    return np.asarray(framed[1:-1, 1:-1], np.float32)
