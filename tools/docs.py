"""Builds the documentation: each Markdown page becomes an HTML page in build/docs; local links must lead somewhere.

python -m tools.docs
"""

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["broken_links", "build", "pages"]

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "build" / "docs"
_STYLE = "body{max-width:50rem;margin:2rem auto;padding:0 1rem;font:16px/1.6 system-ui,'Noto Sans CJK SC',sans-serif}\
table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left}img{max-width:100%}"


def pages() -> list[Path]:
    """Every Markdown page: those of the root folder and those of docs/."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def broken_links(page: Path) -> list[str]:
    """The links and images of a page that lead to no file of the project; other sites are not asked."""
    return [link for link in _links(_parser().parse(page.read_text("utf-8"))) if not _leads_somewhere(page, link)]


def build() -> int:
    """Write the HTML pages; the number written."""
    for page in pages():
        target = TARGET / page.relative_to(ROOT).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_html(page), "utf-8")
    return len(pages())


def main() -> None:
    """Check, then build; exit status 1 when a link is broken."""
    broken = [f"{page.relative_to(ROOT)}: {link}" for page in pages() for link in broken_links(page)]
    if broken:
        sys.exit("\n".join(["These links lead nowhere:", *broken]))
    print(f"{build()} pages in {TARGET.relative_to(ROOT)}")


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _html(page: Path) -> str:
    tokens = _parser().parse(page.read_text("utf-8"))
    for token in _walk(tokens):
        link = token.attrGet("href")
        if isinstance(link, str) and not urlsplit(link).scheme:
            token.attrSet("href", link.replace(".md", ".html"))
    body = _parser().renderer.render(tokens, _parser().options, {})
    title = escape(page.stem)
    return f'<!doctype html><html><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>{body}</html>\n'


def _links(tokens: list[Token]) -> Iterator[str]:
    for token in _walk(tokens):
        link = token.attrGet("href") or token.attrGet("src")
        if isinstance(link, str):
            yield link


def _walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or [])


def _leads_somewhere(page: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or not parts.path:
        return True
    return (page.parent / unquote(parts.path)).exists()


if __name__ == "__main__":
    main()
