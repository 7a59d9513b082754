"""What a scanner can do, read from the options that its SANE driver lists; each driver names them in its own way."""

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Abilities", "Colours", "Feed", "abilities_of"]

#: the line of an option: its name, the values it takes, the value it has
_OPTION = re.compile(r"^\s+--(?P<name>[\w-]+)(?P<values>[^\n]*?) \[(?P<now>[^\]]*)\]", re.MULTILINE)
_MODES = {
    "colour": ("color", "colour"),
    "grey": ("gray", "grey"),
    "bilevel": ("lineart", "black", "binary"),
}


class Feed(enum.StrEnum):
    """Where the paper lies."""

    FEEDER = "feeder"  #: in the feeder, scanned on one side
    DUPLEX = "duplex"  #: in the feeder, scanned on both sides: front, back, front, back
    FLATBED = "flatbed"  #: on the glass, one page at a time


class Colours(enum.StrEnum):
    """How colours are kept."""

    COLOUR = "colour"
    GREY = "grey"
    BILEVEL = "bilevel"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a scanner can do, each with the arguments that choose it; of resolutions, least and most."""

    feeds: Mapping[Feed, Sequence[str]]
    colours: Mapping[Colours, Sequence[str]]
    resolutions: tuple[int, int]


def abilities_of(listed: str) -> Abilities:
    """The abilities in what `scanimage --all-options` prints."""
    options = {found["name"]: found["values"].strip() for found in _OPTION.finditer(listed)}
    return Abilities(_feeds(options), _colours(options), _resolutions(options.get("resolution", "")))


def _feeds(options: Mapping[str, str]) -> dict[Feed, Sequence[str]]:
    """Feeds by the names that drivers give them; a driver without names has a glass, or feeds one sheet."""
    sources = options.get("source", "").split("|") if options.get("source") else []
    found: dict[Feed, Sequence[str]] = {}
    for source in sources:
        lower = source.lower()
        feeds = "adf" in lower or "feeder" in lower
        kind = Feed.DUPLEX if "duplex" in lower else Feed.FEEDER if feeds else Feed.FLATBED
        if kind is Feed.FLATBED or "back" not in lower:
            found.setdefault(kind, [f"--source={source}"])
    if Feed.DUPLEX not in found and Feed.FEEDER in found:
        both = "--adf-mode=Duplex" if "Duplex" in options.get("adf-mode", "") else "--duplex=yes"
        if "duplex" in options or "Duplex" in options.get("adf-mode", ""):
            found[Feed.DUPLEX] = [*found[Feed.FEEDER], both]
    return {kind: found[kind] for kind in Feed if kind in found} or {Feed.FLATBED: []}


def _colours(options: Mapping[str, str]) -> dict[Colours, Sequence[str]]:
    modes = options.get("mode", "").split("|") if options.get("mode") else []
    found: dict[Colours, Sequence[str]] = {}
    for kind in Colours:
        for mode in modes:
            if any(word in mode.lower() for word in _MODES[kind]):
                found.setdefault(kind, [f"--mode={mode}"])
    return found


def _resolutions(values: str) -> tuple[int, int]:
    """Least and most, from `75|150|300dpi` or `1..1200dpi (in steps of 1)`."""
    listed = values.partition("dpi")[0].replace("..", " ")
    numbers = [round(float(number)) for number in re.findall(r"\d+(?:\.\d+)?", listed)]
    return (max(1, min(numbers)), max(numbers)) if numbers else (1, 9600)
