"""Catalogue fields proposed for judged documents, from what was really read on them."""

from collections import Counter
from collections.abc import Iterable, Iterator

from bench.figures import Figure
from bench.ingest.setting import Setting
from bench.pages import JudgedDocument
from ingest.context import PageText
from ingest.official_document import propose

__all__ = ["figures"]

#: what the goal speaks of, and what else is proposed
FOREMOST = ("title", "document_number", "date", "issuer")
FIELDS = (*FOREMOST, "addressee", "urgency", "secrecy")
#: from here on a proposal counts as sure
SURE = 0.9


def figures(setting: Setting) -> Iterator[Figure]:
    """For each field how many are right, and how many are wrong and yet sure; with a perfect reading beside it.

    First for the judged documents, then for those whose layouts and issuers the rules were not tuned on.
    """
    yield from _of_documents("field", setting.documents, setting.texts("ppocr"))
    yield from _of_documents("unseen layouts, field", setting.unseen, setting.texts_of_unseen)


def _of_documents(what: str, documents: list[JudgedDocument], texts: Iterable[PageText]) -> Iterator[Figure]:
    of_page = iter(texts)
    read = [[next(of_page) for _ in document.pages] for document in documents]
    perfect = [[page.truth for page in document.pages] for document in documents]
    ours, best = _judge(documents, read), _judge(documents, perfect)
    for field in FIELDS:
        mine, ideal = ours[field], best[field]
        if not (total := mine.total()):
            continue
        shares = f"{mine['right'] / total:.1%}; {mine['sure'] / total:.1%}"
        peer = f"of a perfect reading {ideal['right'] / total:.1%}; {ideal['sure'] / total:.1%}"
        goal = ">= 97 %; < 1 %" if field in FOREMOST else ""
        yield Figure(f"{what} {field} right; wrong but sure ({total})", shares, peer, None, goal)


def _judge(documents: list[JudgedDocument], texts: list[list[PageText]]) -> dict[str, Counter[str]]:
    """For each field how many proposals are right, wrong, and wrong but sure."""
    counted: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    for document, pages in zip(documents, texts, strict=True):
        proposed = {proposal.field: proposal for proposal in propose(pages)}
        for field, value in document.fields.items():
            found = proposed.get(field)
            if (found.value if found else "") == value:
                outcome = "right"
            else:
                outcome = "sure" if found and found.confidence >= SURE else "wrong"
            counted[field][outcome] += 1
    return counted
