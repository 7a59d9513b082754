"""Languages of the interface: which one a person gets, and messages in the language of a request."""

from typing import Any

from pyramid.request import Request

from archive.platform.accounts.models import Language
from archive.platform.translations import say, say_count

__all__ = ["HTML_LANGUAGE", "NAMES", "locale_of", "translate", "translate_count"]

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
    """`say` in the request's language."""
    return say(request.language, msgid, **facts)


def translate_count(request: Request, msgid: str, number: int, **facts: Any) -> str:
    """`say_count` in the request's language."""
    return say_count(request.language, msgid, number, **facts)
