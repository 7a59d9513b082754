"""Languages of the interface: which one a person gets, and how a message is put into it.

Message ids are simplified Chinese, so `zh_Hans` needs no catalogue. A message holds `{names}` that facts fill.
"""

from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from markupsafe import escape
from pyramid.request import Request

from archive.platform.accounts.models import Language

__all__ = ["HTML_LANGUAGE", "NAMES", "locale_of", "translate", "translate_count"]

_DOMAIN = "danggui"
_FOLDER = Path(__file__).parents[1] / "locale"

#: value of the `lang` attribute, which also chooses the glyphs
HTML_LANGUAGE = {Language.SIMPLIFIED: "zh-Hans", Language.TRADITIONAL: "zh-Hant", Language.ENGLISH: "en"}

#: each language is offered in its own words
NAMES = {Language.SIMPLIFIED: "简体中文", Language.TRADITIONAL: "繁體中文", Language.ENGLISH: "English"}

#: what browsers ask for -> what we speak, most exact first
_ACCEPTED = {
    "zh-hant": Language.TRADITIONAL,
    "zh-tw": Language.TRADITIONAL,
    "zh-hk": Language.TRADITIONAL,
    "zh-mo": Language.TRADITIONAL,
    "zh": Language.SIMPLIFIED,
    "en": Language.ENGLISH,
}


@cache
def _catalogue(language: Language) -> NullTranslations:
    """The compiled catalogue of a language; the source language has none."""
    return Translations.load(_FOLDER, [language.value], _DOMAIN)


def locale_of(request: Request) -> Language:
    """The person's own language, else the browser's first that we speak, else simplified Chinese."""
    person = request.identity
    if person is not None:
        return Language(person.language)
    return _from_browser(request.headers.get("Accept-Language", ""))


def _from_browser(header: str) -> Language:
    wanted = [part.partition(";") for part in header.lower().split(",")]
    for tag, _separator, weight in sorted(wanted, key=lambda part: -_weight(part[2])):
        for prefix, language in _ACCEPTED.items():
            if _weight(weight) > 0 and (tag.strip() + "-").startswith(prefix + "-"):
                return language
    return Language.SIMPLIFIED


def _weight(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def translate(request: Request, msgid: str, **facts: Any) -> str:
    """The message in the request's language, its names filled from `facts`; facts that are markup stay markup."""
    return _fill(_catalogue(request.language).gettext(msgid) if msgid else "", facts)


def translate_count(request: Request, msgid: str, number: int, **facts: Any) -> str:
    """Like `translate`, in the form that fits `number`, which the message calls `{n}`."""
    text = _catalogue(request.language).ngettext(msgid, msgid, number)
    return _fill(text, {"n": f"{number:,}", **facts})


def _fill(text: str, facts: dict[str, Any]) -> str:
    if not facts:
        return text
    if any(hasattr(fact, "__html__") for fact in facts.values()):
        return escape(text).format(**facts)
    return text.format(**facts)
