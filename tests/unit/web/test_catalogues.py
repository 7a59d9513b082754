"""Every text for people is marked, and every marked text stands in every catalogue."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

_ROOT = Path(__file__).parents[3]
_ARCHIVE = _ROOT / "archive"
_TEMPLATES = sorted(_ARCHIVE.glob("**/templates/*.jinja2"))
_KEYWORDS = {"_": None, "_n": (1, 1)}
_CHINESE = re.compile(r"[\u3400-\u9fff]")
#: the block that names the style of a page
_STYLE = re.compile(r"{% block page %}.*?{% endblock %}")
_WORD = re.compile(r"[A-Za-z\u3400-\u9fff]{2,}")
_SHOWN = {"alt", "aria-label", "placeholder", "title"}
#: names of languages in their own words, and names of keys and formats, are the same everywhere
_SAME_EVERYWHERE = {"Ctrl", "Enter", "Excel", "PDF", "SHA", "TIFF", "JPEG", "PNG"}


@pytest.fixture(scope="module")
def marked() -> Catalog:
    """Everything that is marked in the sources."""
    with (_ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = Catalog()
    for name, line, message, _comments, _context in extract_from_dir(_ROOT, methods, options, _KEYWORDS):
        found.add(message, locations=[(name, line)])
    return found


@pytest.mark.parametrize("language", ["zh_Hant", "en"])
def test_nothing_is_left_untranslated(marked: Catalog, language: str) -> None:
    """Each marked text has a translation that no machine guessed, and the catalogue holds nothing else.

    When this fails, do what babel.cfg says at its top, and translate what is new.
    """
    catalogue = _catalogue(language)
    wanted = {_key(message) for message in marked if message.id}
    have = {_key(message) for message in catalogue if message.id and all(_forms(message)) and not message.fuzzy}
    assert len(wanted) > 300
    assert sorted(wanted - have) == []
    assert sorted(have - wanted) == []


@pytest.mark.parametrize("language", ["zh_Hant", "en"])
def test_translations_keep_the_facts(language: str) -> None:
    """A translation names the same facts as its source; only the count itself may go unsaid."""
    for message in _catalogue(language):
        for form in _forms(message) if message.id else ():
            assert _names(form) | {"n"} == _names(_key(message)) | {"n"}, message.id


def test_english_speaks_english() -> None:
    """No Chinese is left in the English catalogue."""
    left = [form for message in _catalogue("en") if message.id for form in _forms(message) if _CHINESE.search(form)]
    assert left == []


@pytest.mark.parametrize("template", _TEMPLATES, ids=lambda path: str(path.relative_to(_ARCHIVE)))
def test_templates_hold_no_bare_text(template: Path) -> None:
    """What a template shows comes from the catalogues or from data, never from the template itself."""
    environment = Environment(autoescape=True, trim_blocks=True)
    source = template.read_text("utf-8")
    page = _Page()
    page.feed("".join(text if kind == "data" else "\0" for kind, text in _pieces(environment, _STYLE.sub("", source))))
    bare = {word for text in page.shown for word in _WORD.findall(text)} - _SAME_EVERYWHERE
    assert bare == set()
    assert [text for text in _strings(environment.parse(source)) if _CHINESE.search(text)] == []


class _Page(HTMLParser):
    """Collects what a person would see or hear of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        self.shown.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Attributes that are read out or shown."""
        self.shown += [value for name, value in attrs if name in _SHOWN and value]


def _pieces(environment: Environment, source: str) -> Iterator[tuple[str, str]]:
    """The source as data and, merged into one piece each, expressions and statements."""
    for _line, kind, text in environment.lex(source):
        if kind == "data":
            yield kind, text
        elif kind.endswith("_begin") and kind != "comment_begin":
            yield "code", text


def _strings(node: nodes.Node) -> Iterator[str]:
    """Every string of a template that is not handed to `_` or `_n` as their first argument."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _KEYWORDS:
        for argument in (*node.args[1:], *node.kwargs):
            yield from _strings(argument)
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _strings(child)


def _catalogue(language: str) -> Catalog:
    with (_ARCHIVE / "locale" / language / "LC_MESSAGES" / "danggui.po").open("rb") as file:
        return read_po(file, locale=language)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _names(text: str) -> set[str]:
    return {name for _literal, name, _format, _conversion in Formatter().parse(text) if name}
