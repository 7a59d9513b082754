"""What a key may look like; every store asks here before it touches anything.

The alphabet is the part that folders and buckets agree on, so one archive can move from the one to the other.
"""

import re

from storage.errors import InvalidKeyError

__all__ = ["check_key", "check_prefix", "is_segment"]

_MAX_KEY = 900  # a bucket allows 1024 bytes; the rest is room for the prefix inside the bucket
_SEGMENT = re.compile(r"[A-Za-z0-9._=-]{1,255}")
_TRICKS = frozenset({".", ".."})


def is_segment(name: str) -> bool:
    """Whether a key may have this name between two slashes."""
    return name not in _TRICKS and _SEGMENT.fullmatch(name) is not None


def check_key(key: str) -> str:
    """The key itself, when it is one. Raises InvalidKeyError."""
    if len(key) > _MAX_KEY:
        raise InvalidKeyError(key, f"longer than {_MAX_KEY} characters")
    if not all(is_segment(segment) for segment in key.split("/")):
        raise InvalidKeyError(key)
    return key


def check_prefix(prefix: str) -> str:
    """The prefix itself, when keys can start with it; it may end within a segment. Raises InvalidKeyError."""
    folder, _, start = prefix.rpartition("/")
    if folder:
        check_key(folder)
    elif prefix.startswith("/"):
        raise InvalidKeyError(prefix)
    if start and not _SEGMENT.fullmatch(start):
        raise InvalidKeyError(prefix)
    return prefix
