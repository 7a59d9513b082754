"""Where the parts of one OCFL object lie in a store.

Object roots follow the registered layout 0003: four digits of the identifier's SHA-256 spread them over 65,536 folders,
and the identifier itself is the last folder's name, so a person finds an item by looking.
"""

import hashlib
import re
from dataclasses import dataclass

from storage.errors import InvalidKeyError
from storage.keys import check_key

__all__ = [
    "DECLARATION",
    "INVENTORY",
    "LAYOUT",
    "OCFL",
    "SIDECAR",
    "STAGING",
    "ObjectPaths",
    "content_path",
    "is_content",
    "version_of",
]

OCFL = "ocfl/"
STAGING = "staging/"
INVENTORY = "inventory.json"
SIDECAR = "inventory.json.sha512"
DECLARATION = "0=ocfl_object_1.1"
LAYOUT: dict[str, str | int] = {
    "extensionName": "0003-hash-and-id-n-tuple-storage-layout",
    "digestAlgorithm": "sha256",
    "tupleSize": 2,
    "numberOfTuples": 2,
}

_OBJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_VERSION = re.compile(r"v([1-9][0-9]*)/")
_DIGEST_IN_NAME = 16
_CONTENT = re.compile(rf"v[1-9][0-9]*/content/(?:.+/)?[0-9a-f]{{{_DIGEST_IN_NAME}}}-[^/]+")


@dataclass(frozen=True, slots=True)
class ObjectPaths:
    """Keys of one object; `root` and `staging` end in a slash."""

    object_id: str
    root: str
    staging: str

    @classmethod
    def of(cls, object_id: str) -> "ObjectPaths":
        """For an identifier of up to 100 ASCII letters, digits, `-` and `_`. Raises InvalidKeyError."""
        if not _OBJECT_ID.fullmatch(object_id):
            raise InvalidKeyError(object_id, "an object's identifier has 1 to 100 ASCII letters, digits, - and _")
        digest = hashlib.sha256(object_id.encode()).hexdigest()
        return cls(object_id, f"{OCFL}{digest[:2]}/{digest[2:4]}/{object_id}/", f"{STAGING}{object_id}/")

    @property
    def inventory(self) -> str:
        """The copy of the newest inventory at the root."""
        return self.root + INVENTORY

    @property
    def sidecar(self) -> str:
        """Its digest."""
        return self.root + SIDECAR

    @property
    def declaration(self) -> str:
        """The file that says: this is an OCFL object."""
        return self.root + DECLARATION

    @property
    def removal(self) -> str:
        """Says that the removal of the whole object was decided and has begun."""
        return f"{self.staging}removal"

    def version_inventory(self, version: int) -> str:
        """The inventory whose creation commits this version."""
        return f"{self.root}v{version}/{INVENTORY}"

    def version_sidecar(self, version: int) -> str:
        """Its digest."""
        return f"{self.root}v{version}/{SIDECAR}"

    def version_folder(self, version: int) -> str:
        """Everything of one version; ends in a slash."""
        return f"{self.root}v{version}/"

    def staging_of(self, version: int) -> str:
        """Everything that waits for one version; ends in a slash."""
        return f"{self.staging}v{version}/"

    def begun(self, version: int) -> str:
        """Says that a commit of this version was begun and not yet finished."""
        return f"{self.staging}v{version}/begun"


def version_of(relative: str) -> int:
    """The version that a path relative to an object's root belongs to; 0 for the root's own files."""
    found = _VERSION.match(relative)
    return int(found[1]) if found else 0


def content_path(version: int, path: str, sha256: str) -> str:
    """Where the bytes of a logical path lie, relative to the object's root: a piece of the digest before the name.

    Raises InvalidKeyError.
    """
    folder, slash, name = path.rpartition("/")
    return check_key(f"v{version}/content/{folder}{slash}{sha256[:_DIGEST_IN_NAME]}-{name}")


def is_content(relative: str) -> bool:
    """Whether a path relative to an object's root is one that `content_path` gives."""
    return _CONTENT.fullmatch(relative) is not None
