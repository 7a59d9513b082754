"""Verification codes: 80 random bits in letters and digits that are not taken for one another."""

import secrets

__all__ = ["LENGTH", "grouped", "new_code", "read_code"]

#: Crockford's base 32: no I, L, O, U
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
#: signs in a code
LENGTH = 16


def new_code() -> str:
    """A code that nobody can guess."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """As printed: in fours."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def read_code(text: str) -> str:
    """What somebody typed or scanned, as it is kept; what is no code stays none."""
    typed = text.rsplit("=", 1)[-1]
    plain = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
    return plain.translate(_MISREAD)[: LENGTH + 1]
