"""Which page of a long list is asked for: a number out of an address, where anything may stand."""

__all__ = ["page_number"]

_DIGITS = 6


def page_number(text: str) -> int:
    """The number a person wrote, 1 to 999999; 1 where it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return 1
    return max(1, int(text))
