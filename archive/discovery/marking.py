"""Text with its hits marked, as markup that is safe to print."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from search.highlight import Span

__all__ = ["marked"]


def marked(text: str, spans: Iterable[Span]) -> Markup:
    """The text, escaped, each span inside `<mark>`. Spans come in order and do not overlap."""
    pieces, done = [], 0
    for span in spans:
        pieces += [escape(text[done : span.start]), Markup("<mark>"), escape(text[span.start : span.end])]
        pieces.append(Markup("</mark>"))
        done = span.end
    return Markup("").join([*pieces, escape(text[done:])])
