"""The samples, read once for all tests of this folder."""

from collections.abc import Callable
from functools import cache

import pytest

from ingest.context import PageResult
from ingest.engines import open_engine
from ingest.pipeline import process_page
from ingest.sources import open_source
from ingest.testing import SAMPLES

Reader = Callable[[str], tuple[PageResult, ...]]


@pytest.fixture(scope="session")
def read_sample() -> Reader:
    """Reads all pages of a sample by its file name with the default engine."""
    engine = open_engine("ppocr")

    @cache
    def read(file: str) -> tuple[PageResult, ...]:
        with open_source(SAMPLES / file, file) as source:
            return tuple(process_page(source, number, engine) for number in range(1, source.page_count + 1))

    return read
