"""What every template may use: `_`, `_n`, `csrf_field`, `request`, `person`, and the filters of formats.py."""

import re
from collections.abc import Callable
from typing import Any, cast

from markupsafe import Markup
from pyramid.config import PHASE3_CONFIG, Configurator
from pyramid.csrf import get_csrf_token
from pyramid.events import BeforeRender
from pyramid.threadlocal import get_current_request

from archive.web import formats, translation

__all__ = ["includeme"]


def includeme(config: Configurator) -> None:
    """Set up jinja2: strict names, autoescape, our globals and filters."""
    config.add_settings({"jinja2.undefined": "strict", "jinja2.trim_blocks": True, "jinja2.lstrip_blocks": True})
    config.include("pyramid_jinja2")
    # The environment exists only after every include has had its say.
    config.action(None, _extend, args=(config,), order=PHASE3_CONFIG)
    config.add_subscriber(_add_globals, BeforeRender)


def _extend(config: Configurator) -> None:
    environment = config.get_jinja2_environment()
    environment.globals.update(_GLOBALS)
    environment.filters.update(_FILTERS)
    environment.finalize = _without_turns


def _without_turns(value: Any) -> Any:
    """What a template writes, with a sign for each mark that turns the direction of writing: names may lie by them."""
    return type(value)(_TURNS.sub("�", value)) if isinstance(value, str) and _TURNS.search(value) else value


def _add_globals(event: Any) -> None:
    request = event["request"]
    if request is not None:
        event["person"] = request.identity


def _translate(msgid: str, **facts: Any) -> str:
    return cast(str, get_current_request().translate(msgid, **facts))


def _translate_count(msgid: str, number: int, **facts: Any) -> str:
    return cast(str, get_current_request().translate_count(msgid, number, **facts))


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(get_csrf_token(get_current_request()))


def _in_zone(write: Callable[..., str]) -> Callable[[Any], str]:
    def show(value: Any) -> str:
        request = get_current_request()
        return write(value, request.language, request.parts.settings.zone)

    return show


def _clock(value: Any) -> str:
    return formats.clock_text(value, get_current_request().parts.settings.zone)


#: embeddings, overrides and isolates of writing direction: `gpj.exe` after one reads `exe.jpg`
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Globals, not context variables: macros see them however they are imported.
_GLOBALS = {
    "language_names": translation.NAMES,
    "_": _translate,
    "_n": _translate_count,
    "csrf_field": _csrf_field,
    "csrf_token": lambda: get_csrf_token(get_current_request()),
}
_FILTERS = {
    "date": _in_zone(formats.date_text),
    "datetime": _in_zone(formats.datetime_text),
    "clock": _clock,
    "number": formats.number_text,
    "bytes": formats.bytes_text,
}
