"""A worker that dies at one page: `python -m tests.crash.reading_process FOLDER PAGE HOW`, with the null engine.

HOW is `kill`, for SIGKILL as the kernel sends it where memory runs out, or `exit`, as a library's abort. Each page that
is begun is written, a line, to `begun` in the folder.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from archive.handlers import job_handlers
from archive.platform.jobs.worker import Worker
from ingest.pipeline import process_page
from tests.crash.crashing_archive import opened

__all__: list[str] = []


def _work(folder: Path, poison: int, how: str) -> None:
    def deadly(source: Any, number: int, *more: Any) -> Any:
        with (folder / "begun").open("a") as begun:
            begun.write(f"{number}\n")
        if number == poison and how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif number == poison:
            os._exit(134)
        return process_page(source, number, *more)

    with patch("archive.digitization.reading.process_page", deadly), opened(folder) as parts:
        worker = Worker(parts, job_handlers())
        while worker.run_one():
            pass


if __name__ == "__main__":
    _work(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
