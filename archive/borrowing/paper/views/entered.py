"""What was typed at the desk: counts of pages, with their condition and a note."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from pyramid.request import Request

from archive.borrowing.paper.models import Condition
from archive.borrowing.paper.workflow import Count
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.platform.sent import sent_text

__all__ = ["chosen", "count_in", "counts_in", "errors_of", "options", "text"]

_DIGITS = 6
_Kind = TypeVar("_Kind", bound=StrEnum)


def text(request: Request, name: str) -> str:
    """A field as text."""
    return sent_text(request.POST, name)


def chosen(request: Request, name: str, kinds: Iterable[_Kind], missing: str) -> _Kind:
    """A choice. Raises InvalidError, naming the field."""
    sent = text(request, name)
    for kind in kinds:
        if kind.value == sent:
            return kind
    raise InvalidError(missing, field=name)


def count_in(request: Request, suffix: str = "") -> Count:
    """What was counted. Raises InvalidError (pages, condition)."""
    typed = text(request, f"pages{suffix}").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS):
        raise InvalidError(_("请填写清点的页数。"), field=f"pages{suffix}")
    condition = chosen(request, f"condition{suffix}", Condition, _("请选择完好情况。"))
    return Count(int(typed), condition, text(request, f"note{suffix}"))


def counts_in(request: Request, ids: Iterable[str]) -> dict[str, Count]:
    """What was counted of each line whose pages were filled in, by its id. Raises InvalidError."""
    return {one: count_in(request, f"-{one}") for one in ids if text(request, f"pages-{one}").strip()}


def errors_of(request: Request, error: InvalidError) -> dict[str, str]:
    """The words of an error, by its field."""
    return {error.field: request.translate(error.message, **error.facts)}


def options(request: Request, words: dict[Any, str]) -> list[tuple[str, str]]:
    """What a list offers: (value, label) pairs."""
    return [(key.value, request.translate(label)) for key, label in words.items()]
