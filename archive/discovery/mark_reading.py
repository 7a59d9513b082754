"""Reads the invisible mark of a picture that was compressed, scaled or cut since it was delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from archive.discovery.mark_pattern import PERIOD, SYNC, WORD, phases, word_of

__all__ = ["Found", "Reading", "best", "read_mark"]

_REACH = int(np.abs(np.concatenate([SYNC, WORD])).max())
#: a picture may be between these many times as large as it was delivered; larger ones are halved first
_SMALLEST, _LARGEST, _STEP = 0.45, 1.65, 1.006
#: pixels a side of the piece in which the size is looked for; then twice as many, then all: the longer, the finer
_PIECE = 512
#: standard deviations above chance that the pattern must stand out, and a word above all other words
_SEEN, _SURE = 5.8, 6.0
_FLAT, _LOUD = 26.0, 8.0

_Floats = NDArray[np.float32]
_Waves = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a picture bears: how sure it is that there is a mark, and each sign of its word, unsure ones small."""

    strength: float
    scale: float
    signs: _Floats


@dataclass(frozen=True, slots=True)
class Found:
    """A name and how far, in standard deviations, it stands above chance."""

    name: str
    score: float


def read_mark(picture: NDArray[np.uint8]) -> Reading | None:
    """The mark of a grey picture, which may lie on its side; None where none stands out."""
    for turns in range(4):
        turned = np.ascontiguousarray(np.rot90(picture, turns))
        halved = cv2.resize(turned, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        strongest = max((_read(turned), _read(halved)), key=lambda reading: reading.strength)
        if strongest.strength >= _SEEN:
            return strongest
    return None


def best(reading: Reading, names: Sequence[str]) -> Found | None:
    """The name whose word the reading fits best; None if it might be chance among so many names."""
    if not names:
        return None
    words = np.stack([word_of(name) for name in names])
    scores = words @ reading.signs / np.sqrt(np.square(reading.signs).sum())
    at = int(scores.argmax())
    return Found(names[at], float(scores[at])) if scores[at] >= _SURE else None


def _read(picture: NDArray[Any]) -> Reading:
    signal = _signal(picture)
    scale = _scale(signal)
    coefficients = _coefficients(signal, scale)
    strength, shift = _sync(coefficients)
    signs = (_at(coefficients, WORD) * np.conj(phases(WORD)) * _shifted(WORD, shift)).real
    return Reading(strength, scale, signs.astype(np.float32))


def _scale(signal: _Floats) -> float:
    """How many times as large as it was delivered the picture fits best."""
    steps = int(np.log(_LARGEST / _SMALLEST) / np.log(_STEP))
    top, left = _busiest(signal)
    scale = _best_of(signal[top : top + _PIECE, left : left + _PIECE], _SMALLEST * _STEP ** np.arange(steps))
    for size, span in ((_PIECE, 0.006), (2 * _PIECE, 0.002), (max(signal.shape), 0.0005)):
        piece = signal[top if size == _PIECE else 0 :, left if size == _PIECE else 0 :][:size, :size]
        scale = _best_of(piece, scale * (1 + np.linspace(-span, span, 13)))
    return scale


def _best_of(signal: _Floats, scales: NDArray[Any]) -> float:
    return max(map(float, scales), key=lambda scale: _sync(_coefficients(signal, scale))[0])


def _signal(picture: NDArray[Any]) -> _Floats:
    """What is left of the flat parts of a picture when their own brightness is taken off; 0 elsewhere."""
    grey = picture.astype(np.float32)
    around = np.ones((7, 7), np.uint8)
    flat = ((cv2.dilate(grey, around) - cv2.erode(grey, around)) < _FLAT).astype(np.float32)
    ground = cv2.GaussianBlur(grey * flat, (0, 0), 9) / np.maximum(cv2.GaussianBlur(flat, (0, 0), 9), 1e-3)
    return np.clip((grey - ground) * flat, -_LOUD, _LOUD)


def _busiest(signal: _Floats) -> tuple[int, int]:
    """Where (top, left) the piece begins in which most can be read."""
    height, width = signal.shape
    corners = [
        (top, left)
        for top in range(0, max(1, height - _PIECE // 2), _PIECE // 2)
        for left in range(0, max(1, width - _PIECE // 2), _PIECE // 2)
    ]
    return max(corners, key=lambda at: np.count_nonzero(signal[at[0] : at[0] + _PIECE, at[1] : at[1] + _PIECE]))


def _coefficients(signal: _Floats, scale: float) -> _Waves:
    """Phase of each wave (y, x) from -REACH to REACH, of a pattern `scale` times as large, measured from the corner."""
    across, down = (_turns(side, scale) for side in (signal.shape[1], signal.shape[0]))
    # Real numbers are multiplied in half the time.
    along = signal @ np.concatenate([across.real, across.imag], axis=1)
    found = down.T @ (along[:, : across.shape[1]] + 1j * along[:, across.shape[1] :])
    turned: _Waves = found / np.maximum(np.abs(found), 1e-6)
    return turned


def _turns(side: int, scale: float) -> _Waves:
    waves = np.arange(-_REACH, _REACH + 1)
    turned: _Waves = np.exp(-2j * np.pi / (PERIOD * scale) * np.outer(np.arange(side), waves)).astype(np.complex64)
    return turned


def _at(coefficients: _Waves, waves: NDArray[np.int64]) -> _Waves:
    return coefficients[waves[:, 1] + _REACH, waves[:, 0] + _REACH]


def _sync(coefficients: _Waves) -> tuple[float, tuple[int, int]]:
    """How far the known waves stand out, in standard deviations, and at which shift (x, y)."""
    grid = np.zeros((PERIOD, PERIOD), np.complex64)
    grid[SYNC[:, 1] % PERIOD, SYNC[:, 0] % PERIOD] = _at(coefficients, SYNC) * np.conj(phases(SYNC))
    fits = np.fft.ifft2(grid).real
    y, x = np.unravel_index(int(fits.argmax()), fits.shape)
    return float(fits[y, x] * PERIOD**2 / np.sqrt(len(SYNC) / 2)), (int(x), int(y))


def _shifted(waves: NDArray[np.int64], shift: tuple[int, int]) -> _Waves:
    turned: _Waves = np.exp(2j * np.pi * (waves @ np.array(shift)) / PERIOD)
    return turned
