"""Passwords: argon2id hashes, and how long an account rests after wrong ones."""

import secrets
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["MINIMUM_LENGTH", "hash_password", "matches", "random_password", "rest_after"]

MINIMUM_LENGTH = 8
_MAXIMUM_LENGTH = 200
_FREE_FAILURES = 5
_FIRST_REST = timedelta(minutes=2)
_LONGEST_REST = timedelta(hours=1)
_GROUPS = 3
_GROUP_BYTES = 2

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The hash to keep. Raises InvalidError for a password that is too short or too long."""
    if not MINIMUM_LENGTH <= len(password) <= _MAXIMUM_LENGTH:
        raise InvalidError(
            _("密码长度应为 {least} 至 {most} 个字符。"), field="password", least=MINIMUM_LENGTH, most=_MAXIMUM_LENGTH
        )
    return _hasher.hash(password)


def random_password() -> str:
    """A password to be given to somebody and changed at first use: three groups of four, easy to copy from paper."""
    return "-".join(secrets.token_hex(_GROUP_BYTES) for _group in range(_GROUPS))


def matches(password: str, kept_hash: str | None) -> bool:
    """Whether the password fits. Without a hash (unknown login) the same work is done, and the answer is no."""
    try:
        # The cap keeps a huge entry from costing more than a small one.
        fits = _hasher.verify(kept_hash or _hash_of_nothing(), password[: _MAXIMUM_LENGTH + 1])
    except VerificationError:
        return False
    return fits and kept_hash is not None


def rest_after(failures: int) -> timedelta | None:
    """How long an account takes no password after so many failures in a row: from the fifth on, doubling to an hour."""
    if failures < _FREE_FAILURES:
        return None
    doublings = min(failures - _FREE_FAILURES, 10)
    return min(_FIRST_REST * (1 << doublings), _LONGEST_REST)


@cache
def _hash_of_nothing() -> str:
    return _hasher.hash("nobody has this password")
