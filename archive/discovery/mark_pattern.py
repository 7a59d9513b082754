"""The mark nobody sees: a faint pattern, periodic in page coordinates, that says by which delivery a picture left.

It is a sum of waves at whole multiples of 1/PERIOD, from which any piece of a page can be read. Some of them are the
same in every mark and show where the pattern lies and how large it is by now; the signs of the others are a word made
from the delivery's name. Only names that were given are ever compared, so that the best of them is the answer: no
error correction could do better.
"""

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PERIOD", "SYNC", "WORD", "gain", "phases", "word_of"]

#: pixels, as delivered, after which the pattern repeats itself
PERIOD = 128
_SYNC_WAVES = 32
_WORD_WAVES = 128
#: how much the pattern darkens or lightens, in parts of 255, as standard deviation; and where it is cut off
_STRENGTH = 1.4
_MOST = 3.0
#: waves from this many to as many in a period as are needed, all around
_SLOWEST = 6.0

_Floats = NDArray[np.float32]


def _waves() -> NDArray[np.int64]:
    """(x, y) waves in a period, one of each pair of opposites, in an order that mixes slow and fast ones."""
    reach = np.arange(-16, 17)
    x, y = (side.ravel() for side in np.meshgrid(reach, reach))
    half = (y > 0) | ((y == 0) & (x > 0))
    length = np.hypot(x, y)
    wanted = np.argsort(np.where(half & (length >= _SLOWEST), length, np.inf), kind="stable")
    chosen = np.stack([x, y], axis=1)[wanted[: _SYNC_WAVES + _WORD_WAVES]]
    order = np.random.Generator(np.random.PCG64(2021)).permutation(len(chosen))
    return chosen[order]


_WAVES = _waves()
#: (x, y) of the waves that are the same in every mark, and of those that carry a word
SYNC, WORD = _WAVES[:_SYNC_WAVES], _WAVES[_SYNC_WAVES:]


def word_of(name: str) -> _Floats:
    """The word of a name: one sign, -1 or 1, for each wave of WORD."""
    digest = np.frombuffer(hashlib.sha256(name.encode()).digest()[: _WORD_WAVES // 8], np.uint8)
    return np.unpackbits(digest).astype(np.float32) * 2 - 1


@lru_cache(maxsize=64)
def gain(name: str, scale: int) -> _Floats:
    """(PERIOD · scale)² factors, at most 1, by which a picture is multiplied from its page's corner on."""
    size = PERIOD * scale
    spectrum = np.zeros((size, size), np.complex128)
    signs = np.concatenate([np.ones(len(SYNC)), word_of(name)])
    spectrum[_WAVES[:, 1] % size, _WAVES[:, 0] % size] = signs * phases(_WAVES)
    pattern = np.fft.ifft2(spectrum).real
    pattern *= _STRENGTH / pattern.std()
    return (1 + (pattern.clip(-_MOST, _MOST) - _MOST) / 255).astype(np.float32)


def phases(waves: NDArray[np.int64]) -> NDArray[Any]:
    """Where each wave begins: spread out, so that they never add up to a spot that could be seen."""
    turns = (waves[:, 0] ** 2 * 0.37 + waves[:, 1] ** 2 * 0.61 + waves[:, 0] * waves[:, 1] * 0.17) % 1
    spread: NDArray[Any] = np.exp(2j * np.pi * turns)
    return spread
