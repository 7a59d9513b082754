"""What crash tests kill: `python -m tests.crash.isolating_process FOLDER BATCH FILE`, which stops a batch."""

import sys
from pathlib import Path

from archive.digitization.quarantine import MarkedPage, quarantine
from tests.crash.crashing_archive import opened

__all__ = ["main"]


def main(folder: str, batch_id: str, file_id: str) -> None:
    """Isolate the scans of the batch because of page 1 of the file."""
    with opened(Path(folder)) as parts:
        quarantine(parts, MarkedPage(batch_id, file_id, 1))


if __name__ == "__main__":
    main(*sys.argv[1:])
