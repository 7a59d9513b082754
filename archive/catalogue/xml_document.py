"""Metadata as XML: whatever a text holds, the file stays well-formed, and the same facts give the same bytes."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ingest.derivatives.alto import ILLEGAL

__all__ = ["Element", "add", "xml_document"]

_LINE_END = re.compile("\r\n?")


def add(parent: Element, tag: str, text: object = "", **attributes: str) -> Element:
    """A child element with a text, in which what XML cannot hold is replaced by the sign for what is unreadable."""
    child = SubElement(parent, tag, {name: _legal(value) for name, value in attributes.items()})
    if text != "":
        child.text = _legal(str(text))
    return child


def xml_document(root: Element) -> bytes:
    """The file: UTF-8, with a declaration, one element a line."""
    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _legal(text: str) -> str:
    # Readers of XML turn every end of a line into a line feed; here it is one already.
    return ILLEGAL.sub("\ufffd", _LINE_END.sub("\n", text))
