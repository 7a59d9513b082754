"""Tells which script a text is written in: a cheap decision from the characters alone."""

from enum import StrEnum

__all__ = ["Script", "is_han", "script_of", "traditional_only"]

#: a second script is there if it has this share of the telling characters, a Chinese text this share of Han characters
SECOND, CHINESE = 0.15, 0.1
#: fewer telling characters are misreadings
FEW = 3


class Script(StrEnum):
    """How a page is written; MIXED are Chinese pages with both kinds of characters."""

    SIMPLIFIED = "simplified"
    TRADITIONAL = "traditional"
    WESTERN = "western"
    MIXED = "mixed"


def script_of(text: str) -> Script:
    """The script of a page's text; an empty text is simplified Chinese, as is one that could be either."""
    letters = sum(char.isalpha() for char in text)
    if sum(map(is_han, text)) < CHINESE * letters:
        return Script.WESTERN
    traditional, simplified = traditional_only(text), sum(_only("gb2312", "big5", char) for char in text)
    second = max(FEW, SECOND * (traditional + simplified))
    if min(traditional, simplified) >= second:
        return Script.MIXED
    return Script.TRADITIONAL if traditional > max(simplified, FEW - 1) else Script.SIMPLIFIED


def traditional_only(text: str) -> int:
    """How many characters stand in the character set of Taiwan, but not in that of the mainland."""
    return sum(_only("big5", "gb2312", char) for char in text)


def is_han(char: str) -> bool:
    """True for a Chinese character."""
    return "\u4e00" <= char <= "\u9fff" or char == "〇"


def _only(there: str, elsewhere: str, char: str) -> bool:
    return is_han(char) and _has(there, char) and not _has(elsewhere, char)


def _has(encoding: str, char: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
