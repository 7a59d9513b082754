"""What crash tests kill: `python -m tests.crash.encryption_process STORE KEYS ITEM`, which encrypts."""

import hashlib
import io
import sys
from pathlib import Path

from storage import open_store
from storage.encryption.cipher import Cipher
from storage.encryption.key_file import KeyFile
from storage.encryption.store import EncryptedStore
from storage.layout import Content, Repository
from storage.testing.repository import NOTE

__all__ = ["main"]


def main(url: str, keys: str, item: str) -> None:
    """Commit one object and put one more, each with these bytes: the store's URL and the item."""
    place = open_store(url)
    cipher = Cipher(place, KeyFile(Path(keys)))
    data = f"{url} {item}".encode()
    Repository(place, cipher).commit(item, 1, {"a": Content.of_bytes(data)}, **NOTE)
    store = EncryptedStore(place, cipher)
    store.replace(f"intake/{item}", io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
