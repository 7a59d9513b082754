"""The text of a page with its boxes as ALTO 4.4, the format that libraries and viewers exchange."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from ingest.context import Line, PageText

__all__ = ["alto"]

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: characters that an XML file cannot hold
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"


def alto(page: PageText, number: int = 1, file_name: str = "") -> bytes:
    """ALTO XML of one page in pixels. A String is a run without blanks, so nothing stands between Han characters."""
    root = ElementTree.Element(
        "alto", {"xmlns": NAMESPACE, "xmlns:xsi": XSI, "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}"}
    )
    _describe(ElementTree.SubElement(root, "Description"), page, file_name)
    size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    layout = ElementTree.SubElement(root, "Layout")
    sheet = ElementTree.SubElement(layout, "Page", {"ID": f"page{number}", "PHYSICAL_IMG_NR": str(number), **size})
    space = ElementTree.SubElement(sheet, "PrintSpace", {"HPOS": "0", "VPOS": "0", **size})
    if page.lines:
        block = ElementTree.SubElement(space, "TextBlock", {"ID": f"page{number}_block1"})
        for n, line in enumerate(page.lines, 1):
            _add_line(block, line, f"page{number}_line{n}")
    text = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _describe(description: ElementTree.Element, page: PageText, file_name: str) -> None:
    ElementTree.SubElement(description, "MeasurementUnit").text = "pixel"
    if file_name:
        source = ElementTree.SubElement(description, "sourceImageInformation")
        ElementTree.SubElement(source, "fileName").text = _legal(file_name)
    processing = ElementTree.SubElement(description, "Processing", {"ID": "recognition"})
    software = ElementTree.SubElement(processing, "processingSoftware")
    ElementTree.SubElement(software, "softwareName").text = page.engine


def _add_line(block: ElementTree.Element, line: Line, name: str) -> None:
    element = ElementTree.SubElement(block, "TextLine", {"ID": name, **_box(line, 0, len(line.text))})
    points = " ".join(f"{x:g},{y:g}" for x, y in line.quad)
    ElementTree.SubElement(ElementTree.SubElement(element, "Shape"), "Polygon", {"POINTS": points})
    for start, end in _runs(line.text):
        if start:
            ElementTree.SubElement(element, "SP")
        content = {"CONTENT": _legal(line.text[start:end]), "WC": f"{line.confidence:.3f}"}
        ElementTree.SubElement(element, "String", content | _box(line, start, end))


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
    """The text with control characters and halves of pairs replaced by the sign for what is unreadable."""
    return ILLEGAL.sub("\ufffd", text)
