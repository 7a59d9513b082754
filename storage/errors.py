"""What can go wrong in a store, as the caller may handle it.

StorageError
├── StoreUrlError           the URL names no store that can be opened here
├── InvalidKeyError         no store accepts this key; a mistake of the caller
├── AlreadyStoredError      the key is taken; nothing was changed
├── NotStoredError          there is no such key
├── ObjectLockedError       the object is locked; nothing was deleted
├── ChecksumMismatchError   the bytes are not those that were announced
├── StoreFullError          no room left; nothing half-written remains
├── StoreUnavailableError   the store does not answer; try again later
├── KeyFileError            the key file cannot be used
├── KeyMissingError         the key to these bytes is not at hand
├── SealBrokenError         encrypted bytes were altered, cut off, or sealed with another key
└── LayoutError             the OCFL object is not what the specification allows
    ├── DamagedError        files of an object are not what was stored, and no good copy of them is at hand
    └── VersionTakenError   another writer committed this version first
"""

from collections.abc import Sequence

__all__ = [
    "AlreadyStoredError",
    "ChecksumMismatchError",
    "DamagedError",
    "InvalidKeyError",
    "KeyFileError",
    "KeyMissingError",
    "LayoutError",
    "NotStoredError",
    "ObjectLockedError",
    "SealBrokenError",
    "StorageError",
    "StoreFullError",
    "StoreUnavailableError",
    "StoreUrlError",
    "VersionTakenError",
]


class StorageError(Exception):
    """Something a store could not do."""


class StoreUrlError(StorageError):
    """The URL names no store that can be opened here."""


class _KeyError(StorageError):
    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(key, detail)  # both, so that the error survives the way from another process
        self.key = key
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.key}: {self.detail or self.__doc__}"


class InvalidKeyError(_KeyError):
    """Not a key: segments of ASCII letters, digits and `-_.=`, separated by single slashes."""


class AlreadyStoredError(_KeyError):
    """This key already holds an object; stored objects are never overwritten."""


class NotStoredError(_KeyError):
    """The store holds no object of this key."""


class ObjectLockedError(_KeyError):
    """The object is locked, or held, and cannot be deleted or changed before its lock ends."""


class ChecksumMismatchError(_KeyError):
    """The bytes do not have the announced SHA-256; send them again."""


class StoreFullError(StorageError):
    """The store has no room left; make room and try again."""


class StoreUnavailableError(StorageError):
    """The store does not answer; the work goes on when it does."""


class KeyFileError(StorageError):
    """The key file is missing, open to others, or no key file."""


class KeyMissingError(StorageError):
    """What is stored is encrypted, and the key to it is not at hand."""


class SealBrokenError(StorageError):
    """Encrypted bytes were altered or cut off, or were sealed with another key; nothing of them is given out."""


class LayoutError(StorageError):
    """An OCFL object is damaged or not understood."""


class DamagedError(LayoutError):
    """Files of an object, named by their paths in it, are not what was stored, and no good copy of them is at hand.

    `mended` names those that could be replaced all the same.
    """

    def __init__(self, object_id: str, paths: Sequence[str], detail: str, mended: Sequence[str] = ()) -> None:
        super().__init__(object_id, paths, detail, mended)  # all, so that the error survives the way between processes
        self.object_id = object_id
        self.paths = list(paths)
        self.detail = detail
        self.mended = list(mended)

    def __str__(self) -> str:
        return f"{self.object_id}: {self.detail}: {', '.join(self.paths)}"


class VersionTakenError(LayoutError):
    """Another writer committed this version of the object first."""
