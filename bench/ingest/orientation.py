"""Pages that lie on a side or on their head: how many are found to, and what looking takes."""

import time
from collections.abc import Iterator

from bench.figures import Figure
from bench.ingest.setting import Setting
from ingest.steps.orientation import clockwise_turn, turned

__all__ = ["figures"]

PAGES, TURNS = 24, (0, 90, 180, 270)


def figures(setting: Setting) -> Iterator[Figure]:
    """Each of the first pages in all four ways."""
    right, seconds, faces = 0, 0.0, setting.pages[:PAGES]
    clockwise_turn(faces[0].pixels)  # opens the model
    for page in faces:
        pixels = page.pixels
        for turn in TURNS:
            lying = turned(pixels, turn)
            start = time.process_time()
            right += (clockwise_turn(lying) + turn) % 360 == 0
            seconds += time.process_time() - start
    total = len(faces) * len(TURNS)
    yield Figure("turned pages found", f"{right} of {total}", "", None, "all")
    yield Figure("looking for it, processor time", f"{seconds / total * 1000:.0f} ms", "", None, "<= 30 ms")
