"""The words of a web page, as a person would read them out. Nothing is fetched and nothing is run."""

from html.parser import HTMLParser

__all__ = ["html_text"]

_SILENT = frozenset({"script", "style", "head", "title", "template", "object", "iframe", "svg"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer"}
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"}
    | {"table", "tr", "ul"}
)
_CELLS = frozenset({"td", "th"})


def html_text(html: str) -> str:
    """The text, a line a block, cells of a row two blanks apart."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [line.strip() for line in "".join(reader.said).split("\n")]
    # never more than one empty line
    return "\n".join(line for n, line in enumerate(lines) if line or (n and lines[n - 1])).strip("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0
        self._kept = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        """Begins a line where a block or a break begins."""
        if tag == "body":  # whatever was left open before it
            self._silent = 0
        elif tag in _SILENT:
            self._silent += 1
        elif tag == "br" or tag in _BLOCKS:
            self._break()
        elif tag in _CELLS:
            self._say("  ")
        if tag == "pre":
            self._kept += 1
        if tag == "li":
            self._say("· ")

    def handle_endtag(self, tag: str) -> None:
        """Ends the line of a block."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self._break()
        if tag == "pre":
            self._kept = max(0, self._kept - 1)

    def handle_data(self, data: str) -> None:
        """Takes words; blanks count as one."""
        if self._kept:
            self._say(data)
        elif words := " ".join(data.split()):
            before, after = " " * data[:1].isspace(), " " * data[-1:].isspace()
            self._say(before + words + after)
        elif data:
            self._say(" ")

    def _say(self, text: str) -> None:
        if not self._silent:
            self.said.append(text)

    def _break(self) -> None:
        if self.said and not self.said[-1].endswith("\n"):
            self._say("\n")
