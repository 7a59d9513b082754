"""Both recognition engines keep the promises of `OcrEngine`."""

import os

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.engines import open_engine
from ingest.engines.interface import OcrEngine
from ingest.errors import EngineUnavailableError
from ingest.steps.seals import without_seals
from ingest.testing import OcrEngineContract, character_errors
from tests.contract.drawn_pages import in_columns, photograph, sealed, table
from tests.servers.missing import missing


def _opened(name: str) -> OcrEngine:
    """The engine; where it cannot be had, skip with the reason, or fail in CI."""
    try:
        return open_engine(name)
    except EngineUnavailableError as reason:
        missing(str(reason))


class ReadsPages(OcrEngineContract):
    """The promises on whole pages, besides those of the interface."""

    @pytest.mark.parametrize("ink", [(222, 62, 66), (140, 140, 140)], ids=["red", "grey"])
    def test_reads_under_a_seal(self, engine: OcrEngine, ink: tuple[int, int, int]) -> None:
        """Print under a red seal, or a pale one on a grey scan, is read; the words of the seal are not."""
        lines = ["现将有关事项通知如下请遵照执行", "江海市档案局办公室人民政府", "2021年3月18日印发执行"]
        page, seals = without_seals(sealed(lines, ink))
        assert len(seals) == 1
        assert character_errors("".join(lines), _text(engine, page)) <= 4 * self.most_errors

    def test_reads_columns_from_the_right(self, engine: OcrEngine) -> None:
        """Vertical text comes column by column, downwards."""
        columns = ["茲將本館遷移辦法陳明如下呈請鑒核", "一切圖書檔案由承運人負責運送到館", "中華民國七十二年十月十七日"]
        assert character_errors("".join(columns), _text(engine, in_columns(columns))) <= 5 * self.most_errors

    def test_reads_tables_row_by_row(self, engine: OcrEngine) -> None:
        """Cells of a row stand together."""
        rows = [["序号", "名称", "数量", "金额"], ["1", "档案盒", "120", "840.00"], ["2", "扫描仪", "3", "59400.00"]]
        read = _text(engine, table(rows))
        assert character_errors("".join(map("".join, rows)), read) <= 4 * self.most_errors

    def test_invents_nothing_on_pictures(self, engine: OcrEngine) -> None:
        """A photograph, and a black page with the noise of a scanner, yield at most 5 characters."""
        noise = np.random.default_rng(3).normal(8, 6, (800, 600, 3)).clip(0, 255).astype(np.uint8)
        for picture in (photograph(), noise):
            assert len(_text(engine, picture).replace("\n", "")) <= 5


def _text(engine: OcrEngine, page: NDArray[np.uint8]) -> str:
    return "\n".join(line.text for line in engine.recognise(page, dpi=200))


class TestPpOcr(ReadsPages):
    """The default engine."""

    most_errors = 0.01

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> OcrEngine:
        """PP-OCR on onnxruntime."""
        return _opened("ppocr")


class TestTesseract(ReadsPages):
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
