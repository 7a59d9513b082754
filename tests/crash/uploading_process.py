"""What crash tests kill: `python -m tests.crash.uploading_process FOLDER UPLOAD FILE`, which sends a file in pieces."""

import io
import sys
from pathlib import Path

from archive.digitization.upload.arriving import arrived
from archive.digitization.upload.models import Upload
from archive.digitization.upload.receiving import receive
from archive.platform.actor import SYSTEM
from tests.crash.crashing_archive import opened

__all__ = ["main"]

PIECE = 1000


def main(folder: str, upload_id: str, path: str) -> None:
    """Send what the archive does not have yet of the file, as a browser would after asking."""
    data = Path(path).read_bytes()
    with opened(Path(folder)) as parts:
        with parts.database.reading() as session:
            upload = session.get_one(Upload, upload_id)
        size = arrived(parts.settings, upload.batch_id, upload.id)
        while True:
            size = receive(parts, SYSTEM, upload, size, io.BytesIO(data[size : size + PIECE]))
            if size == len(data):
                return


if __name__ == "__main__":
    main(*sys.argv[1:])
