"""Measures recognition on the samples: pages a minute by number of processes, and the share of wrong characters.

python -m bench.ingest [ENGINE...]        ppocr and tesseract where nothing is named
"""

import os
import statistics
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context

from ingest.engines import open_engine
from ingest.errors import EngineUnavailableError
from ingest.pipeline import read_page
from ingest.testing import SAMPLES, character_errors, sample_documents

#: a page of a sample and what stands on it: file, number, text
Page = tuple[str, int, str]
_ROUNDS = 3


def main() -> None:
    """Print one line for each engine and number of processes; engines alternate within a round."""
    pages = [(d["file"], n, text) for d in sample_documents() for n, text in enumerate(d["pages"], 1)]
    engines = [name for name in sys.argv[1:] or ("ppocr", "tesseract") if _works(name)]
    print(f"{os.cpu_count()} cores, {len(pages)} pages, {_ROUNDS} rounds, medians")
    for processes in sorted({1, os.cpu_count() or 1}):
        _measure(engines, processes, pages)


def _measure(engines: list[str], processes: int, pages: list[Page]) -> None:
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for name in engines:
            _round(pool, name, pages)  # opens the engine in every process
        rounds = [{name: _round(pool, name, pages) for name in engines} for _ in range(_ROUNDS)]
    for name in engines:
        seconds = statistics.median(done[name][0] for done in rounds)
        rate, wrong = len(pages) / seconds * 60, rounds[0][name][1]
        print(f"{name:10} {processes} processes {rate:6.0f} pages/min   {wrong:6.2%} of the characters wrong")


def _round(pool: Executor, engine: str, pages: list[Page]) -> tuple[float, float]:
    """Seconds for all pages, and the share of wrong characters."""
    start = time.perf_counter()
    texts = list(pool.map(_text, ((engine, file, number) for file, number, _ in pages)))
    seconds = time.perf_counter() - start
    lengths = [len("".join(truth.split())) for _, _, truth in pages]
    shares = [character_errors(truth, text) for (_, _, truth), text in zip(pages, texts, strict=True)]
    wrong = sum(share * length for share, length in zip(shares, lengths, strict=True))
    return seconds, wrong / sum(lengths)


def _text(task: tuple[str, str, int]) -> str:
    engine, file, number = task
    return read_page(SAMPLES / file, number, file, engine).text.text


def _works(name: str) -> bool:
    try:
        open_engine(name)
    except EngineUnavailableError as reason:
        print(f"{name}: {reason}")
        return False
    return True


if __name__ == "__main__":
    main()
