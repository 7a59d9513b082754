"""ALTO holds the text of a page with its boxes, for any program that reads ALTO."""

from xml.etree import ElementTree

from ingest.context import Line, PageText
from ingest.derivatives import alto

NAMES = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}
BOX = ((100.0, 50.0), (500.0, 50.0), (500.0, 90.0), (100.0, 90.0))


def _page(*texts: str) -> PageText:
    lines = (Line(text, BOX, tuple(n / len(text) for n in range(len(text) + 1)), 0.987) for text in texts)
    return PageText(1240, 1754, tuple(lines), "test/1")


def _root(page: PageText, file_name: str = "") -> ElementTree.Element:
    return ElementTree.fromstring(alto(page, 3, file_name))


def test_chinese_is_one_string() -> None:
    """A Chinese line is a single String in the line's box."""
    (string,) = _root(_page("档案收集清单")).iterfind(".//a:String", NAMES)
    assert string.attrib == {
        "CONTENT": "档案收集清单", "WC": "0.987", "HPOS": "100", "VPOS": "50", "WIDTH": "400", "HEIGHT": "40",
    }  # fmt: skip


def test_words_are_strings_with_spaces_between() -> None:
    """Western words are Strings with SP between them, each in its own box."""
    line = _root(_page("ab cd")).find(".//a:TextLine", NAMES)
    assert line is not None
    assert [part.tag.partition("}")[2] for part in line] == ["Shape", "String", "SP", "String"]
    assert [part.get("HPOS") for part in line.iterfind("a:String", NAMES)] == ["100", "340"]


def test_everything_is_escaped() -> None:
    """Signs of XML and characters it cannot hold do not break the file."""
    root = _root(_page('<&>"\x07\ud800档'), "a<b>&.jpg")
    string, name = root.find(".//a:String", NAMES), root.find(".//a:fileName", NAMES)
    assert string is not None
    assert name is not None
    assert (string.get("CONTENT"), name.text) == ('<&>"\ufffd\ufffd档', "a<b>&.jpg")


def test_empty_page() -> None:
    """A page without text is a page without blocks."""
    root = _root(_page())
    page = root.find(".//a:Page", NAMES)
    assert page is not None
    assert (page.get("WIDTH"), page.get("HEIGHT"), page.get("PHYSICAL_IMG_NR")) == ("1240", "1754", "3")
    assert root.find(".//a:TextBlock", NAMES) is None


def test_is_the_same_every_time() -> None:
    """The same text gives the same bytes."""
    assert alto(_page("档案")) == alto(_page("档案"))
