"""Both recognition engines keep the promises of `OcrEngine`."""

import os

import pytest

from ingest.engines import open_engine
from ingest.engines.interface import OcrEngine
from ingest.errors import EngineUnavailableError
from ingest.testing import OcrEngineContract
from tests.servers.missing import missing


def _opened(name: str) -> OcrEngine:
    """The engine; where it cannot be had, skip with the reason, or fail in CI."""
    try:
        return open_engine(name)
    except EngineUnavailableError as reason:
        missing(str(reason))


class TestPpOcr(OcrEngineContract):
    """The default engine."""

    most_errors = 0.01

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> OcrEngine:
        """PP-OCR on onnxruntime."""
        return _opened("ppocr")


class TestTesseract(OcrEngineContract):
    """The second engine, which reads less well."""

    most_errors = 0.1

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> OcrEngine:
        """The program tesseract."""
        return _opened("tesseract")


def test_tesseract_leaves_the_environment_alone() -> None:
    """The limit on its threads is not left behind for other programs."""
    _opened("tesseract")
    assert "OMP_THREAD_LIMIT" not in os.environ


def test_unknown_engine_is_refused() -> None:
    """A wrong name is answered with the names there are."""
    with pytest.raises(EngineUnavailableError, match="ppocr"):
        open_engine("abbyy")
