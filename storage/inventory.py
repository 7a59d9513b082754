"""The inventory of an OCFL 1.1 object: which versions it has, and which stored file each logical path means.

This is the only place that knows `inventory.json`. Content is named by its SHA-512, as OCFL wants; SHA-256, which the
rest of the archive uses, stands in the fixity block.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.errors import InvalidKeyError, LayoutError, NotStoredError
from storage.keys import check_key

__all__ = ["Inventory", "Version", "sidecar_of"]

_TYPE = "https://ocfl.io/1.1/spec/#inventory"
_ALGORITHM = "sha512"


def sidecar_of(inventory: bytes) -> bytes:
    """The one line of `inventory.json.sha512`."""
    return f"{hashlib.sha512(inventory).hexdigest()} inventory.json\n".encode()


@dataclass(frozen=True, slots=True)
class Version:
    """One committed state of an object: who, when (aware), why, and the SHA-512 of every logical path."""

    number: int
    created: datetime
    message: str
    user: str
    address: str
    state: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inventory:
    """All versions of one object, from the first to the head, and its stored files.

    `manifest` leads from a SHA-512 to the one content path (relative to the object's root) that holds these bytes,
    `sha256` from there to the SHA-256.
    """

    object_id: str
    versions: tuple[Version, ...]
    manifest: Mapping[str, str]
    sha256: Mapping[str, str]

    @property
    def head(self) -> int:
        """Number of the newest version."""
        return len(self.versions)

    @property
    def state(self) -> Mapping[str, str]:
        """The head's logical paths with the SHA-512 of each."""
        return self.versions[-1].state

    def state_sha256(self, version: int) -> dict[str, str]:
        """The logical paths of one version with the SHA-256 of each."""
        return {path: self.sha256[digest] for path, digest in self.versions[version - 1].state.items()}

    def content_path(self, path: str) -> str:
        """Where the bytes of a logical path of the head lie, relative to the object's root. Raises NotStoredError."""
        if path not in self.state:
            raise NotStoredError(f"{self.object_id}/{path}", "the object's newest version has no such file")
        return self.manifest[self.state[path]]

    def to_json(self) -> bytes:
        """The bytes of `inventory.json`; the same inventory always gives the same bytes."""
        document = {
            "digestAlgorithm": _ALGORITHM,
            "fixity": {"sha256": {self.sha256[digest]: [path] for digest, path in self.manifest.items()}},
            "head": f"v{self.head}",
            "id": self.object_id,
            "manifest": {digest: [path] for digest, path in self.manifest.items()},
            "type": _TYPE,
            "versions": {f"v{version.number}": _version_document(version) for version in self.versions},
        }
        return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def of_json(cls, data: bytes) -> "Inventory":
        """Read `inventory.json` as this archive writes it. Raises LayoutError for anything else."""
        try:
            return _inventory(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidKeyError) as error:
            raise LayoutError(f"an inventory.json is not readable: {error!r}") from error


def _version_document(version: Version) -> dict[str, Any]:
    paths: dict[str, list[str]] = {}
    for path, digest in sorted(version.state.items()):
        paths.setdefault(digest, []).append(path)
    return {
        "created": version.created.isoformat(timespec="milliseconds"),
        "message": version.message,
        "state": paths,
        "user": {"address": version.address, "name": version.user},
    }


def _inventory(document: dict[str, Any]) -> Inventory:
    _expect(document["type"] == _TYPE and document["digestAlgorithm"] == _ALGORITHM, "type or digest algorithm")
    _expect(isinstance(document["id"], str), "identifier")
    manifest = {digest: _only(paths) for digest, paths in document["manifest"].items()}
    by_path = {_only(paths): digest for digest, paths in document["fixity"]["sha256"].items()}
    versions = tuple(_version(document, number, manifest) for number in range(1, len(document["versions"]) + 1))
    _expect(len(versions) > 0 and document["head"] == f"v{len(versions)}", "head")
    return Inventory(
        document["id"],
        versions,
        manifest,
        {digest: by_path[path] for digest, path in manifest.items()},
    )


def _version(document: dict[str, Any], number: int, manifest: Mapping[str, str]) -> Version:
    block = document["versions"][f"v{number}"]
    state = {path: digest for digest, paths in block["state"].items() for path in paths}
    _expect(all(digest in manifest for digest in state.values()), f"state of v{number}")
    return Version(
        number,
        datetime.fromisoformat(block["created"]),
        block["message"],
        block["user"]["name"],
        block["user"]["address"],
        state,
    )


def _only(paths: list[str]) -> str:
    """The content path of a digest: a key, so that a forged inventory leads nowhere else."""
    _expect(len(paths) == 1, "more than one copy of a content file")
    return check_key(paths[0])


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"unexpected {what}")
