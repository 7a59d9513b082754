"""Master keys in a file: made by `danggui keys new`, kept apart from the store, readable by its owner alone.

    {"format": "danggui-keys/1", "current": "20261121-3f9a1c", "keys": {"20261121-3f9a1c": "<base64 of 64 bytes>"}}

Data keys are wrapped with AES-256-SIV (RFC 5297), which is made for this: it needs no nonce that could be repeated, and
the same key wrapped twice is the same bytes, so both stores hold equal copies.
"""

import base64
import json
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from storage.errors import KeyFileError, KeyMissingError, SealBrokenError
from storage.folders import sync_folder

__all__ = ["KeyFile"]

_FORMAT = "danggui-keys/1"
_MASTER_SIZE = 64


@dataclass(frozen=True, slots=True)
class _Masters:
    """Master keys by name, oldest first, and which of them wraps."""

    current: str
    keys: dict[str, bytes]

    def with_new(self) -> "_Masters":
        name = f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(3)}"
        return replace(self, keys={**self.keys, name: secrets.token_bytes(_MASTER_SIZE)})

    def with_newest_current(self) -> "_Masters":
        return replace(self, current=list(self.keys)[-1])

    def to_json(self) -> bytes:
        keys = {name: base64.b64encode(key).decode() for name, key in self.keys.items()}
        return (json.dumps({"format": _FORMAT, "current": self.current, "keys": keys}, indent=1) + "\n").encode()

    @classmethod
    def of_json(cls, data: bytes) -> "_Masters":
        """Raises ValueError, KeyError, TypeError, AttributeError."""
        document = json.loads(data)
        keys = {name: base64.b64decode(key, validate=True) for name, key in document["keys"].items()}
        if (
            document["format"] != _FORMAT
            or document["current"] not in keys
            or any(len(key) != _MASTER_SIZE for key in keys.values())
        ):
            raise ValueError(_FORMAT)
        return cls(document["current"], keys)


class KeyFile:
    """The KeyWrapper on a key file. What another process adds to the file is seen at once."""

    def __init__(self, path: Path) -> None:
        """Raises KeyFileError when the file is missing, may be read by others, or is none of ours."""
        self.path = path
        self._signature, self._masters = _load(path)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new file with one master key; its folder must exist. Raises KeyFileError when anything is there already."""
        masters = _Masters("", {}).with_new().with_newest_current()
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise KeyFileError(f"{path} is there already: a key file is never overwritten") from error
        except OSError as error:
            raise KeyFileError(
                f"{path} cannot be made: {error.strerror}; name a folder that is there and that you may write to"
            ) from error
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)  # whatever the umask takes away or leaves
            file.write(masters.to_json())
            file.flush()
            os.fsync(descriptor)
        sync_folder(path.parent)
        return cls(path)

    @property
    def current(self) -> str:
        """See KeyWrapper."""
        return self._fresh().current

    @property
    def names(self) -> list[str]:
        """The names of all master keys in the file, oldest first."""
        return list(self._fresh().keys)

    @property
    def prepared(self) -> str | None:
        """The newest master key, if it is not in use yet."""
        return None if self.names[-1] == self.current else self.names[-1]

    def prepare(self) -> str:
        """Add a new master key, which does not wrap yet; returns its name. Raises KeyFileError."""
        self._write(self._fresh().with_new())
        return self.names[-1]

    def use_newest(self) -> None:
        """Let the newest master key wrap from now on; the others still unwrap. Raises KeyFileError."""
        self._write(self._fresh().with_newest_current())

    def wrap(self, data_key: bytes, context: str, master: str) -> bytes:
        """See KeyWrapper."""
        return self._cipher(context, master).encrypt(data_key, [context.encode()])

    def unwrap(self, wrapped: bytes, context: str, master: str) -> bytes:
        """See KeyWrapper."""
        try:
            return self._cipher(context, master).decrypt(wrapped, [context.encode()])
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError(f"{context} does not open with the master key {master}: it was altered") from error

    def _cipher(self, context: str, master: str) -> AESSIV:
        keys = self._fresh().keys
        if master not in keys:
            raise KeyMissingError(f"{context} is wrapped with the master key {master}, which is not in {self.path}")
        return AESSIV(keys[master])

    def _fresh(self) -> _Masters:
        """What the file holds now; a file that is away for the moment changes nothing."""
        try:
            signature = _signature_of(self.path.stat())
        except OSError:
            return self._masters
        if signature != self._signature:
            self._signature, self._masters = _load(self.path)
        return self._masters

    def _write(self, masters: _Masters) -> None:
        """Replace the file in one step: no moment without it, and no half of it."""
        try:
            with tempfile.NamedTemporaryFile(dir=self.path.parent, prefix=f".{self.path.name}.", delete=False) as file:
                file.write(masters.to_json())
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise KeyFileError(f"{self.path} cannot be written: {error.strerror}") from error


_Signature = tuple[int, int, int]


def _load(path: Path) -> tuple[_Signature, _Masters]:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_IMODE(status.st_mode) & 0o077:
                raise KeyFileError(f"{path} may be read by others: run `chmod 600 {path}`")
            return _signature_of(status), _Masters.of_json(file.read())
    except OSError as error:
        mend = "correct DANGGUI_KEYS, or put your copy of the file there, mode 600"
        raise KeyFileError(f"the key file {path} cannot be read: {error.strerror}; {mend}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyFileError(f"{path} is no key file: restore it from your copy") from error


def _signature_of(status: os.stat_result) -> _Signature:
    return status.st_mtime_ns, status.st_size, status.st_ino
