"""The text of a page with its boxes as ALTO 4.4, the format that libraries and viewers exchange."""

from collections.abc import Iterator
from xml.etree import ElementTree as XML

from ingest.context import Line, PageText

__all__ = ["alto"]

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"


def alto(page: PageText, number: int = 1, file_name: str = "") -> bytes:
    """ALTO XML of one page in pixels. A String is a run without blanks, so nothing stands between Han characters."""
    root = XML.Element("alto", {"xmlns": NAMESPACE, "xmlns:xsi": XSI, "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}"})
    _describe(XML.SubElement(root, "Description"), page, file_name)
    size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    layout = XML.SubElement(root, "Layout")
    sheet = XML.SubElement(layout, "Page", {"ID": f"page{number}", "PHYSICAL_IMG_NR": str(number), **size})
    space = XML.SubElement(sheet, "PrintSpace", {"HPOS": "0", "VPOS": "0", **size})
    if page.lines:
        block = XML.SubElement(space, "TextBlock", {"ID": f"page{number}_block1"})
        for n, line in enumerate(page.lines, 1):
            _add_line(block, line, f"page{number}_line{n}")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + XML.tostring(root, "utf-8") + b"\n"


def _describe(description: XML.Element, page: PageText, file_name: str) -> None:
    XML.SubElement(description, "MeasurementUnit").text = "pixel"
    if file_name:
        source = XML.SubElement(description, "sourceImageInformation")
        XML.SubElement(source, "fileName").text = _legal(file_name)
    processing = XML.SubElement(description, "Processing", {"ID": "recognition"})
    software = XML.SubElement(processing, "processingSoftware")
    XML.SubElement(software, "softwareName").text = page.engine


def _add_line(block: XML.Element, line: Line, name: str) -> None:
    element = XML.SubElement(block, "TextLine", {"ID": name, **_box(line, 0, len(line.text))})
    points = " ".join(f"{x:g},{y:g}" for x, y in line.quad)
    XML.SubElement(XML.SubElement(element, "Shape"), "Polygon", {"POINTS": points})
    for start, end in _runs(line.text):
        if start:
            XML.SubElement(element, "SP")
        content = {"CONTENT": _legal(line.text[start:end]), "WC": f"{line.confidence:.3f}"}
        XML.SubElement(element, "String", content | _box(line, start, end))


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each run of characters between blanks."""
    start = 0
    for run in text.split(" "):
        if run:
            yield start, start + len(run)
        start += len(run) + 1


def _box(line: Line, start: int, end: int) -> dict[str, str]:
    """The upright box around characters start to end (not included), in whole pixels."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.quad
    xs = [a + (b - a) * line.edges[n] for n in (start, end) for a, b in ((x0, x1), (x3, x2))]
    ys = [a + (b - a) * line.edges[n] for n in (start, end) for a, b in ((y0, y1), (y3, y2))]
    left, top = max(0, round(min(xs))), max(0, round(min(ys)))
    size = {"WIDTH": str(max(0, round(max(xs)) - left)), "HEIGHT": str(max(0, round(max(ys)) - top))}
    return {"HPOS": str(left), "VPOS": str(top), **size}


def _legal(text: str) -> str:
    """The text with what XML cannot hold (control characters, halves of pairs) replaced by the sign for the unreadable."""
    return "".join(char if char >= " " and not 0xD800 <= ord(char) <= 0xDFFF and ord(char) & 0xFFFE != 0xFFFE else "\ufffd" for char in text)
