"""What all measurements of one run share: the judged pages on disk, and processes that read them."""

import os
import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import unseen
from bench.ingest.costs import Cost
from bench.pages import JudgedDocument, JudgedPage, make_document
from ingest.context import Line, PageResult, PageText
from ingest.engines.interface import OcrEngine
from ingest.pipeline import engine_named, process_page
from ingest.sources import open_source

__all__ = ["PROCESSES", "SEED", "Reading", "Setting", "opened"]

#: the figures are for this machine: one page at a time on each of two cores
PROCESSES = 2
#: the documents that every measurement sees; other seeds are for working on the engine
SEED = 20_260


@dataclass(frozen=True, slots=True)
class Reading:
    """What one process made of one page; `recognition` and `rest` are its seconds of processor time."""

    result: PageResult
    recognition: float
    rest: float
    #: MiB of the process at its largest up to now
    peak: float


@dataclass
class Setting:
    """One run of the measurements, in a folder of its own."""

    folder: Path
    pool: ProcessPoolExecutor
    quick: bool
    scans: tuple[Path, ...] = ()
    _readings: dict[str, list[Reading]] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """How often what is compared in time is done."""
        return 2 if self.quick else 5

    @cached_property
    def documents(self) -> list[JudgedDocument]:
        """The judged documents; each process makes every second one."""
        with _processes() as makers:
            return list(makers.map(_made, range(24 if self.quick else 72)))

    @cached_property
    def pages(self) -> list[JudgedPage]:
        """All their pages."""
        return [page for document in self.documents for page in document.pages]

    @cached_property
    def paths(self) -> list[Path]:
        """The pages as files, in the same order."""
        folder = self.folder / "pages"
        folder.mkdir()
        return [page.save(folder) for page in self.pages]

    @cached_property
    def unseen(self) -> list[JudgedDocument]:
        """Documents of layouts and issuers that the rules of fields were not tuned on."""
        with _processes() as makers:
            return list(makers.map(_made_unseen, range(20 if self.quick else 60)))

    @cached_property
    def texts_of_unseen(self) -> list[PageText]:
        """All their pages as the product reads them."""
        folder = self.folder / "unseen"
        folder.mkdir()
        paths = [page.save(folder) for document in self.unseen for page in document.pages]
        return [reading.result.text for reading in self.pool.map(_read, paths, ["ppocr"] * len(paths))]

    @property
    def few(self) -> int:
        """How many pages the slower peers read: the first ones."""
        return 24 if self.quick else 48

    def readings(self, engine: str) -> list[Reading]:
        """The pages read by the engine of that name as the product reads them, or the first few of them; once a run."""
        if engine not in self._readings:
            paths = self.paths if engine == "ppocr" else self.paths[: self.few]
            self._readings[engine] = list(self.pool.map(_read, paths, [engine] * len(paths)))
        return self._readings[engine]

    def texts(self, engine: str) -> list[PageText]:
        """The same, the texts alone."""
        return [reading.result.text for reading in self.readings(engine)]

    def cost(self, paths: Sequence[Path], engine: str) -> Cost:
        """What recognition of these pages costs, from the file to the text, in processes that are under way."""
        start = time.perf_counter()
        spent = list(self.pool.map(_recognise, paths, [engine] * len(paths)))
        return Cost(time.perf_counter() - start, sum(spent))


@contextmanager
def opened(folder: Path, *, quick: bool, scans: tuple[Path, ...] = ()) -> Iterator[Setting]:
    """A setting whose processes end with the block."""
    with _processes() as pool:
        yield Setting(folder, pool, quick, scans)


def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))


class _Timed(OcrEngine):
    """An engine that adds up what it takes, its helpers included."""

    def __init__(self, engine: OcrEngine) -> None:
        self.name, self._engine = engine.name, engine
        self.seconds = 0.0

    def recognise(self, image: NDArray[np.uint8], *, dpi: int) -> tuple[Line, ...]:
        """See OcrEngine."""
        start = _processor_seconds()
        lines = self._engine.recognise(image, dpi=dpi)
        self.seconds += _processor_seconds() - start
        return lines


def _made(number: int) -> JudgedDocument:
    return make_document(SEED, number)


def _made_unseen(number: int) -> JudgedDocument:
    return unseen.make_document(SEED, number)


def _read(path: Path, engine_name: str) -> Reading:
    engine = _Timed(engine_named(engine_name))
    start = _processor_seconds()
    with open_source(path, path.name) as source:
        result = process_page(source, 1, engine)
    rest = _processor_seconds() - start - engine.seconds
    return Reading(result, engine.seconds, rest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _recognise(path: Path, engine_name: str) -> float:
    engine = engine_named(engine_name)
    start = _processor_seconds()
    with open_source(path, path.name) as source:
        image, dpi = source.image(1)
    engine.recognise(image, dpi=dpi)
    return _processor_seconds() - start


def _processor_seconds() -> float:
    """Of this process and of the programs that it ran."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
