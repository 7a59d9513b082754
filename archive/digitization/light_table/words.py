"""What is written beside the pages and items on the light table, as message ids with their facts."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from archive.digitization.models import DraftPage, PageRole, PageState
from archive.digitization.quality.words import describe as quality_words
from archive.digitization.reasons import advice
from archive.digitization.separators.words import describe as separator_words
from archive.platform.i18n import _

__all__ = ["Note", "marks", "notes", "page_notes"]


class Note(NamedTuple):
    """A message id with what its names stand for, and the tone of a status."""

    message: str
    tone: str = "amber"
    facts: Mapping[str, Any] = {}


def marks(page: DraftPage) -> list[Note]:
    """The short words under a page: what it is, and what is wrong with it."""
    found = []
    if page.role is PageRole.SEPARATOR:
        found.append(Note(_("分隔页"), "blue"))
    elif page.sheet:
        found.append(Note(_("像分隔页")))
    if page.state is PageState.FAILED:
        found.append(Note(_("未识别"), "red"))
    elif page.state is PageState.WAITING:
        found.append(Note(_("待识别"), "blue"))
    if page.blank:
        found.append(Note(_("空白")))
    words = (quality_words(one["code"], one["value"]) for one in page.findings)
    return found + [Note(word.name, word.tone) for word in words]


def page_notes(page: DraftPage) -> list[Note]:
    """The same in sentences, with what to do."""
    found = [Note(advice(page.reason), "red")] if page.state is PageState.FAILED else []
    return found + notes(page.findings)


def notes(findings: Iterable[Mapping[str, Any]]) -> list[Note]:
    """What findings say. Those of the division come with a mapping of facts, those of quality with a number."""
    said = []
    for one in findings:
        value = one.get("value")
        if value is None or isinstance(value, Mapping):
            words = separator_words(one["code"], value)
            said.append(Note(words.message, "amber", words.facts))
        else:
            quality = quality_words(one["code"], value)
            said += [Note(quality.says, quality.tone, quality.facts), Note(quality.mend, quality.tone)]
    return said
