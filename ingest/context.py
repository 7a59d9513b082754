"""What passes along the pipeline: text with boxes, proposed fields, a page's result. Plain, immutable, JSON-able."""

import enum
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["Box", "ColourMode", "Finding", "Line", "PageResult", "PageText", "Proposal", "Sheet"]

#: left, top, right, bottom in pixels of the upright page image
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One recognised line.

    `quad`: four corners (x, y) in pixels of the page image as it is shown (upright), clockwise from the line's start.
    `edges`: len(text) + 1 ascending fractions 0..1 along the line; character i lies between edges[i] and edges[i + 1].
    `confidence`: 0..1.
    """

    text: str
    quad: tuple[tuple[float, float], ...]
    edges: tuple[float, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class PageText:
    """The recognised text of one page in reading order; `text` of the page is its lines joined by line feeds.

    `width`, `height`: pixels of the upright page image, the space of all boxes. `engine`: name and version of it.
    `seals`: where seals were found.
    """

    width: int
    height: int
    lines: tuple[Line, ...]
    engine: str
    seals: tuple[Box, ...] = ()

    @property
    def text(self) -> str:
        """All lines, joined by line feeds; offsets into it are valid for highlighting."""
        return "\n".join(line.text for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        # Field by field: `asdict` copies every number, which takes ten times as long.
        lines = [
            {"text": line.text, "quad": line.quad, "edges": line.edges, "confidence": line.confidence}
            for line in self.lines
        ]
        return {"width": self.width, "height": self.height, "lines": lines, "engine": self.engine, "seals": self.seals}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The opposite of `to_json`."""
        lines = tuple(
            Line(
                text=line["text"],
                quad=tuple((float(x), float(y)) for x, y in line["quad"]),
                edges=tuple(float(edge) for edge in line["edges"]),
                confidence=float(line["confidence"]),
            )
            for line in data["lines"]
        )
        seals = tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in data.get("seals", ()))
        return cls(width=data["width"], height=data["height"], lines=lines, engine=data["engine"], seals=seals)

    @staticmethod
    def text_of_json(data: dict[str, Any]) -> str:
        """`text`, from what `to_json` gave, without making anything of the boxes."""
        return "\n".join(line["text"] for line in data["lines"])


@dataclass(frozen=True, slots=True)
class Proposal:
    """A catalogue field read from the pages.

    `field`: title, document_number, date (YYYYMMDD), issuer (several joined by ；), addressee, document_type (文种),
    secrecy (机密★10年), term (10年), urgency, attachments (their names, one a line), copies_to, seal (有);
    of a draft also page_count. `page`: 1-based; `line`: index of its first line on that page, None if it stands nowhere
    so; `lines`: over how many lines it goes there. `confidence`: 0..1.
    """

    field: str
    value: str
    confidence: float
    page: int | None = None
    line: int | None = None
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet between two items: `kind` is `separator`, `patch`, or `doubtful` where only a person can tell.

    `text`: what the code of a separator says (see ingest.steps.separators.SheetCode), else "".
    """

    kind: str
    text: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether it is such a sheet for sure; a doubtful one may be a page, and is read like one."""
        return self.kind != "doubtful"


class ColourMode(enum.StrEnum):
    """How a page was scanned: what red ink and faint pencil are then: black or gone, shades of grey, or themselves."""

    BILEVEL = "bilevel"
    GREY = "grey"
    COLOUR = "colour"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a page image: a stable code (see ingest.steps.quality), how much of it, and where."""

    code: str
    value: float
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class PageResult:
    """What the pipeline makes of one page: its text, how far it was turned to stand upright, a small picture of it."""

    text: PageText
    #: clockwise turn that was applied to the source to stand upright: 0, 90, 180 or 270
    rotation: int
    #: JPEG, longest side 320 px
    thumbnail: bytes
    #: dots per inch of the source, 0 if unknown
    dpi: int
    #: True if nothing is written on it
    blank: bool
    #: what it says if it is a sheet between two items; such a page has no text
    sheet: Sheet | None = None
    findings: tuple[Finding, ...] = ()
    #: 64 bits as 16 hexadecimal digits, alike for pages that look alike; "" for a blank one
    fingerprint: str = ""
    #: None if it is blank, or no scan
    colour: ColourMode | None = None
    #: what may be its printed page number, the likeliest first
    numbers: tuple[int, ...] = ()
