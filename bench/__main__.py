"""Measures a fresh embedded archive from outside: demo, further scans, search, verification.

python -m bench [PATH...]        further scans to take in, e.g. a folder of PDF files
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")

_QUERIES = ("会议", "安全生产", "采集设备", "關於", "2019")
_ROUNDS = 3


def main() -> None:
    """Print one line for each measurement."""
    scans = [str(Path(path).resolve()) for path in sys.argv[1:]]
    print(f"{os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="danggui-bench-") as folder:
        _, seconds = _timed(_danggui, folder, "demo")
        print(f"demo          {seconds:8.1f} s   from nothing to a searchable archive with the samples in it")
        if scans:
            _measure_ingest(folder, scans)
        _measure_search(folder)
        _measure_verification(folder)


def _measure_ingest(folder: str, scans: list[str]) -> None:
    report, seconds = _timed(_report, folder, "ingest", "--accept", "--json", *scans)
    rate, failed = report["pages"] / seconds * 60, len(report["failed"])
    print(f"ingest        {rate:8.0f} pages/min   {report['pages']} pages until searchable, {failed} failed")


def _measure_search(folder: str) -> None:
    """A search by the command line, its start included."""
    asked = [query for query in _QUERIES for _round in range(_ROUNDS)]
    times = sorted(_timed(_report, folder, "search", "--json", query)[1] for query in asked)
    print(f"search        {times[len(times) // 2] * 1000:8.0f} ms   one command, median of {len(times)}")


def _measure_verification(folder: str) -> None:
    report, seconds = _timed(_report, folder, "verify", "--json")
    rate = report["bytes"] / seconds / 1e6
    print(f"verify        {rate:8.1f} MB/s   {report['checked']} files, {len(report['damaged'])} damaged")


def _report(folder: str, *arguments: str) -> Any:
    return json.loads(_danggui(folder, *arguments))


def _danggui(folder: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "archive.cli", "--data", folder, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _timed(act: Callable[..., Result], *arguments: str) -> tuple[Result, float]:
    start = time.perf_counter()
    result = act(*arguments)
    return result, time.perf_counter() - start


if __name__ == "__main__":
    main()
