"""The largest that a process becomes which reads pages."""

from collections.abc import Iterator

from bench.figures import Figure
from bench.ingest.setting import Setting

__all__ = ["figures"]


def figures(setting: Setting) -> Iterator[Figure]:
    """As the system counts it, over all judged pages."""
    largest = max(reading.peak for reading in setting.readings("ppocr"))
    yield Figure("memory of a process that reads", f"{largest:.0f} MiB", "", None, "<= 600 MB")
