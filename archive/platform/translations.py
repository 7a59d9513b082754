"""Messages in a person's language. Message ids are simplified Chinese; a message holds `{names}` that facts fill.

`zh_Hans` therefore needs no catalogue.
"""

from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from markupsafe import escape

from archive.platform.accounts.models import Language

__all__ = ["say", "say_count"]

_DOMAIN = "danggui"
_FOLDER = Path(__file__).parents[1] / "locale"


def say(language: Language, msgid: str, **facts: Any) -> str:
    """The message, its names filled from `facts`; facts that are markup stay markup."""
    return _fill(_catalogue(language).gettext(msgid) if msgid else "", facts)


def say_count(language: Language, msgid: str, number: int, **facts: Any) -> str:
    """Like `say`, in the form that fits `number`, which the message calls `{n}`."""
    return _fill(_catalogue(language).ngettext(msgid, msgid, number), {"n": f"{number:,}", **facts})


@cache
def _catalogue(language: Language) -> NullTranslations:
    """The compiled catalogue of a language; the source language has none."""
    return Translations.load(_FOLDER, [language.value], _DOMAIN)


def _fill(text: str, facts: dict[str, Any]) -> str:
    if not facts:
        return text
    if any(hasattr(fact, "__html__") for fact in facts.values()):
        return escape(text).format(**facts)
    return text.format(**facts)
