"""What crash tests kill: puts one large object, as `python -m tests.crash.bucket_writer URL KEY`."""

import io
import sys
from hashlib import sha256
from typing import BinaryIO

from storage import open_store
from storage.interface import ObjectStore, StoredObject

__all__ = ["PART", "PARTS", "SHA256", "SIZE", "put_large"]

PART = 16 * 1024 * 1024
PARTS = 6
_DATA = b"".join(bytes([number]) * PART for number in range(PARTS - 1)) + b"the end"
SIZE = len(_DATA)
SHA256 = sha256(_DATA).hexdigest()


def put_large(store: ObjectStore, key: str, source: BinaryIO | None = None) -> StoredObject:
    """Put an object of six parts, each different, the last one small."""
    return store.put(key, source or io.BytesIO(_DATA), sha256=SHA256)


if __name__ == "__main__":
    put_large(open_store(sys.argv[1]), sys.argv[2])
