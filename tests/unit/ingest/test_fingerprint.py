"""Fingerprints: the same page scanned again is known, another one is not."""

import random

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.context import Line, PageText
from ingest.steps.fingerprint import alike, fingerprint, near_beginnings, of_words

WHITE = np.full((420, 300, 3), 255, np.uint8)
QUAD = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
SIGNS = [chr(sign) for sign in range(0x4E00, 0x4E00 + 600)]


def page(text: str) -> PageText:
    """A page of this text."""
    return PageText(300, 420, (Line(text, QUAD, (0.0, 1.0), 0.9),), "drawn 1")


def drawing(seed: int) -> NDArray[np.uint8]:
    """A drawing of some thick lines and circles."""
    rng = np.random.default_rng(seed)
    image = np.full((1170, 827, 3), 250, np.uint8)
    for _ in range(9):
        x, y, to_x, to_y = (int(n) for n in rng.integers(90, 730, 4))
        cv2.line(image, (x, y), (to_x, to_y), (30, 30, 30), 8)
        cv2.circle(image, (to_x, y + 200), 60, (40, 40, 40), 10)
    return image


def scanned_again(image: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """A little turned, shifted, darker, noisy, at another resolution."""
    rng = np.random.default_rng(seed)
    tall, wide = image.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), rng.uniform(-1, 1), 1.0)
    turn = turn + np.array([[0, 0, shift] for shift in rng.uniform(-8, 8, 2)])
    turned = cv2.warpAffine(image, turn, (wide, tall), borderValue=(250, 250, 250))
    again = turned * rng.uniform(0.8, 1) + rng.normal(0, 5, (tall, wide, 1))
    return np.asarray(cv2.resize(again.clip(0, 255).astype(np.uint8), None, fx=0.8, fy=0.8), np.uint8)


@pytest.mark.parametrize("errors", [0, 2, 4])
def test_words_read_with_errors_are_known(errors: int) -> None:
    """Of pages of 300 signs, read again with so many errors, nearly all are found by their fingerprints."""
    rng = random.Random(errors)
    known = 0
    for _ in range(40):
        signs = rng.choices(SIGNS, k=300)
        again = list(signs)
        for at in rng.sample(range(300), errors):
            again[at] = rng.choice(SIGNS)
        one, other = (fingerprint(WHITE, page("".join(text))) for text in (signs, again))
        assert of_words(one)
        known += alike(one, other) and other[:4] in set(near_beginnings(one))
    assert known >= 37


def test_other_words_are_not() -> None:
    """Among many pages no two are taken for one."""
    rng = random.Random(7)
    prints = [fingerprint(WHITE, page("".join(rng.choices(SIGNS, k=200)))) for _ in range(60)]
    assert not [one for at, one in enumerate(prints) for other in prints[:at] if alike(one, other)]


def test_drawings_scanned_again_are_known() -> None:
    """Without words it is the picture that counts; most second scans of a drawing are known, no other drawing is."""
    none = PageText(300, 420, (), "drawn 1")
    prints = [fingerprint(drawing(seed), none) for seed in range(12)]
    again = [fingerprint(scanned_again(drawing(seed), seed), none) for seed in range(12)]
    assert not of_words(prints[0])
    assert sum(alike(one, other) for one, other in zip(prints, again, strict=True)) >= 9
    assert not [one for at, one in enumerate(prints) for other in prints[:at] if alike(one, other)]


def test_a_page_with_nothing_to_know_it_by_has_none() -> None:
    """A few signs on white paper are on many pages."""
    assert fingerprint(WHITE, page("附件")) == ""
    assert len(fingerprint(WHITE, page("关于开展消防安全检查的通知江海办二〇二一年三十一号"))) == 16
