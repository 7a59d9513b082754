"""Where the wrapped keys of an encrypted store lie. Apart from what encrypts, so that removing a key needs none."""

import hashlib

from storage.object_paths import ObjectPaths

__all__ = ["ARCHIVE_KEY", "KEYS", "item_key", "object_of"]

KEYS = "keys/"
#: seals everything that belongs to no OCFL object; where it is, the store is encrypted
ARCHIVE_KEY = "keys/archive"


def item_key(object_id: str) -> str:
    """The wrapped key of one OCFL object. Raises InvalidKeyError."""
    name = ObjectPaths.of(object_id).object_id
    return f"{KEYS}{hashlib.sha256(name.encode()).hexdigest()[:2]}/{name}"


def object_of(path: str) -> str | None:
    """The OCFL object that a wrapped key belongs to; None for the archive's own."""
    return None if path == ARCHIVE_KEY else path.rpartition("/")[2]
