"""Archival codes 档号: one pattern language composes and parses them all, whatever standard a category follows.

A pattern is a code with its parts named: `{fonds}-{category}·{year}-{retention}-{unit}-{number:04}`. `:04` is the least
number of digits, filled with zeros. What stands in square brackets is left out when its part is empty, as the standards
ask. The number of the item comes last: whatever stands before it is its series.
"""

import re
from dataclasses import dataclass, fields

__all__ = [
    "ACCOUNTING",
    "BY_ITEM",
    "BY_ITEM_2022",
    "BY_VOLUME",
    "BY_VOLUME_AND_YEAR",
    "BY_VOLUME_CATALOGUE",
    "CodeError",
    "CodeParts",
    "CodePattern",
    "normalise",
]

#: DA/T 22-2015, by item
BY_ITEM = "{fonds}-{category}·{year}-{retention}[-{unit}]-{number:04}"
#: DA/T 13-2022, by item; the demo of the standard writes three digits, organisations choose
BY_ITEM_2022 = "{fonds}-{category}·{year}·{retention}[·{unit}]-{number:03}"
#: DA/T 13-2022, by volume, with and without year and retention
BY_VOLUME = "{fonds}-{category}-{volume:03}-{number:03}"
BY_VOLUME_AND_YEAR = "{fonds}-{category}·{year}[·{retention}]-{volume:03}-{number:03}"
#: DA/T 13-2022, by volume, older fonds with a catalogue number 目录号 instead of a category
BY_VOLUME_CATALOGUE = "{fonds}-{catalogue:03}-{volume:03}-{number:03}"
#: DA/T 94-2022, accounting
ACCOUNTING = "[{fonds}-]{category}-{volume:04}-{number:04}"

_NUMBERS = frozenset({"year", "catalogue", "volume", "number"})
_WORD = "[A-Z0-9\u4e00-\u9fff]+"
_SHAPES = {
    "fonds": "[A-Z0-9]+",
    # Sub-categories stand behind the category, joined by the middle dot, down to level four.
    "category": f"[A-Z\u4e00-\u9fff]{{1,8}}(?:·{_WORD}){{0,3}}?",
    "year": "[0-9]{4}",
    "retention": "(?:Y|D[0-9]{1,3})",
    "unit": _WORD,
}
_TOKEN = re.compile(r"\{(?P<name>[a-z]+)(?::0(?P<width>[1-9]))?\}|(?P<mark>[\[\]])|(?P<text>[^\[\]{}]+)")
_SAME = str.maketrans(
    {".": "·", "・": "·", "•": "·", "．": "·", "—": "-", "–": "-", "－": "-", "\u3000": None, " ": None}
)


class CodeError(ValueError):
    """A pattern, or a code, that cannot be understood; the message says which and why."""


@dataclass(frozen=True, slots=True)
class CodeParts:
    """The parts of one code; what a pattern does not use stays empty."""

    fonds: str = ""
    category: str = ""
    year: int | None = None
    retention: str = ""
    unit: str = ""
    catalogue: int | None = None
    volume: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of a pattern: `text` as it stands, or the part `name` in `width` digits; `group`: its bracket, 0 none."""

    group: int
    text: str = ""
    name: str = ""
    width: int = 0

    def write(self, parts: CodeParts) -> str:
        if not self.name:
            return self.text
        value = getattr(parts, self.name)
        if value in {None, ""}:
            raise CodeError(f"the code needs its part {self.name}")
        return f"{value:0{self.width or 1}}" if self.name in _NUMBERS else str(value)

    def shape(self) -> str:
        """The regular expression that reads this piece."""
        if not self.name:
            return re.escape(self.text)
        shape = _SHAPES.get(self.name) or _digits(self.width)
        return f"(?P<{self.name}>{shape})"


class CodePattern:
    """One shape of codes. Composing gives only what parsing reads back."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._tokens = _tokens(pattern)
        names = [token.name for token in self._tokens if token.name]
        if len(set(names)) != len(names) or not names or names[-1] != "number" or self._tokens[-1].name != "number":
            raise CodeError(f"the pattern {pattern} must name each part once and end with the number")
        self._reader = re.compile(_expression(self._tokens))

    def compose(self, parts: CodeParts) -> str:
        """The code of these parts. Raises CodeError when a part is missing or cannot be read back."""
        code = self._write(self._tokens, parts)
        if self.parse(code) != self._used(parts):
            raise CodeError(f"the code {code} could be read in two ways")
        return code

    def series(self, parts: CodeParts) -> str:
        """The code without its number: codes that share it are counted together."""
        return self._write(self._tokens[:-1], parts).rstrip("-·")

    def parse(self, code: str) -> CodeParts:
        """The parts of a code as a person typed it. Raises CodeError."""
        match = self._reader.fullmatch(normalise(code))
        if match is None:
            raise CodeError(f"{code} is not a code of the shape {self.pattern}")
        found = {name: value for name, value in match.groupdict().items() if value is not None}
        numbers = {name: int(value) for name, value in found.items() if name in _NUMBERS}
        words = {name: value for name, value in found.items() if name not in _NUMBERS}
        return CodeParts(**words, **numbers)  # type: ignore[arg-type]

    def _used(self, parts: CodeParts) -> CodeParts:
        names = {token.name for token in self._tokens}
        return CodeParts(**{f.name: getattr(parts, f.name) for f in fields(parts) if f.name in names})

    @staticmethod
    def _write(tokens: tuple[_Token, ...], parts: CodeParts) -> str:
        empty = {token.group for token in tokens if token.group and token.name and not getattr(parts, token.name)}
        return "".join(token.write(parts) for token in tokens if token.group not in empty)


def normalise(code: str) -> str:
    """A code as it is stored: middle dot U+00B7, plain hyphens, capitals, no blanks."""
    return code.translate(_SAME).upper()


def _digits(width: int) -> str:
    """At least `width` digits, and zeros in front only to fill them: one number is written in one way."""
    longer = f"[1-9][0-9]{{{width},}}"
    return f"(?:[0-9]{{{width}}}|{longer})" if width else "[1-9][0-9]*"


def _tokens(pattern: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    group, groups, position = 0, 0, 0
    while position < len(pattern):
        found = _TOKEN.match(pattern, position)
        if found is None:
            raise CodeError(f"the pattern {pattern} cannot be read from {pattern[position:]}")
        position = found.end()
        if mark := found["mark"]:
            if (mark == "[") == bool(group):
                raise CodeError(f"the brackets of the pattern {pattern} do not match")
            groups += mark == "["
            group = groups if mark == "[" else 0
        else:
            tokens.append(_token(pattern, found, group))
    if group:
        raise CodeError(f"a bracket of the pattern {pattern} stays open")
    return tuple(tokens)


def _token(pattern: str, found: re.Match[str], group: int) -> _Token:
    name = found["name"]
    if not name:
        return _Token(group, text=found["text"])
    if name not in {f.name for f in fields(CodeParts)}:
        raise CodeError(f"the pattern {pattern} names an unknown part {name}")
    return _Token(group, name=name, width=int(found["width"] or 0))


def _expression(tokens: tuple[_Token, ...]) -> str:
    pieces: list[str] = []
    group = 0
    for token in tokens:
        if token.group != group:
            pieces.append((")?" if group else "") + ("(?:" if token.group else ""))
            group = token.group
        pieces.append(token.shape())
    return "".join(pieces) + (")?" if group else "")
