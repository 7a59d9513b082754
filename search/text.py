"""How text is read for finding: folded, cut into units, joined into tokens. Queries and records take the same way.

*Fold*: one codepoint becomes one codepoint, so that every offset in the folded text is one in the original.
*Units*: each Chinese (Japanese, Korean) character; each run of digits; each run of other letters.
*Tokens*: one for each unit: a character with the character after it, whatever blanks, line breaks or punctuation stand
between them (recognition puts them inside words); a character that no character follows, alone; a run as it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np

__all__ = ["VARIANTS", "fold", "phrase_tokens", "tokens", "units", "units_with_offsets", "without_zeros"]

#: Classes of Chinese character variants, one a line; see search/build_fold_table.py.
VARIANTS = Path(__file__).parent / "data" / "variants.txt"

FoldTable: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.uint32]]"

BLANK = 0x20
_CODEPOINTS = 0x110000

#: Blocks in which nothing but variants changes, so that the table needs not ask for each character.
_PLAIN_BLOCKS = (
    (0x3400, 0x4DC0),
    (0x4E00, 0xA000),
    (0xAC00, 0xD7A4),
    (0x20000, 0x2A6E0),
    (0x2A700, 0x2F800),
    (0x30000, 0x33480),
)
_OTHER_BLOCKS = ((0x0, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0xAC00), (0xF900, 0x20000), (0x2F800, 0x2FA20))

#: From here on every letter is a unit of its own: Chinese, kana, bopomofo, hangul, and rare scripts after them.
_FIRST_CHARACTER = "\u3005"

# A run is cut after 64 signs, far below what engines allow in a token: each would cut in its own way.
_UNIT = re.compile(f"[{_FIRST_CHARACTER}-\U0010ffff]|[0-9]{{1,64}}|[^ 0-9{_FIRST_CHARACTER}-\U0010ffff]{{1,64}}")


def fold(text: str) -> str:
    """The text in the form in which variants are equal, of the same length; what is no letter or digit is a blank."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return str(_table()[codes].tobytes(), "utf-32-le")


def units(text: str) -> list[str]:
    """The folded characters and runs of a text, in order."""
    return _UNIT.findall(fold(text))


def units_with_offsets(text: str) -> tuple[list[str], list[int]]:
    """The units, and where each begins in the original text."""
    found = list(_UNIT.finditer(fold(text)))
    return [unit.group() for unit in found], [unit.start() for unit in found]


def without_zeros(found: Sequence[str]) -> list[str]:
    """The units with numbers as they are in any spelling: `0012` is `12`."""
    return [unit.lstrip("0") or "0" if unit[0].isdecimal() else unit for unit in found]


def tokens(found: Sequence[str]) -> list[str]:
    """What an index holds of these units: one token for each, at its position."""
    joined = [
        unit + after if unit >= _FIRST_CHARACTER and after >= _FIRST_CHARACTER else unit
        for unit, after in pairwise(found)
    ]
    return [*joined, *found[-1:]]


def phrase_tokens(found: Sequence[str], *, unfinished: bool = False) -> tuple[tuple[str, ...], bool]:
    """The tokens, one after the other, that a text with these units has; and whether its last may go on there.

    A last character goes on with whatever character follows it; a last run only if the phrase is left `unfinished`.
    """
    joined = tokens(found)
    if found[-1] < _FIRST_CHARACTER:
        return tuple(joined), unfinished
    if len(found) > 1 and found[-2] >= _FIRST_CHARACTER:
        return tuple(joined[:-1]), False
    return tuple(joined), True


@lru_cache(maxsize=1)
def _table() -> FoldTable:
    """For every codepoint the one it folds to."""
    table = np.full(_CODEPOINTS, BLANK, dtype=np.uint32)
    for start, end in _PLAIN_BLOCKS:
        table[start:end] = np.arange(start, end, dtype=np.uint32)
    variants = _representatives(VARIANTS.read_text(encoding="utf-8").splitlines())
    for start, end in _OTHER_BLOCKS:
        for code in range(start, end):
            table[code] = _simple_form(chr(code))
    for member, representative in variants.items():
        table[member] = representative
    return np.asarray(table[table])


def _representatives(lines: Iterable[str]) -> dict[int, int]:
    """Each member of a class of variants, with the class's first."""
    return {ord(member): ord(line[0]) for line in lines if not line.startswith("#") for member in line}


def _simple_form(character: str) -> int:
    """The compatible, lower-case form of a character, if it is one codepoint; a blank for any but a letter or digit."""
    compatible = unicodedata.normalize("NFKC", character)
    lower = (compatible if len(compatible) == 1 else character).lower()
    simple = lower if len(lower) == 1 else character
    return ord(simple) if unicodedata.category(simple)[0] in "LNM" else BLANK
