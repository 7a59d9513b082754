"""Static files under addresses that change with their content, so that a browser may keep them for ever."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

__all__ = ["includeme"]

_BUILD = "archive:web/static/build/"
_YEAR = 365 * 24 * 3600


class AssetsMissingError(Exception):
    """The front end was not built; `make assets` builds it."""


def includeme(config: Configurator) -> None:
    """Serve the built files under /static, without a permission."""
    config.add_static_view("static", _BUILD, cache_max_age=_YEAR)
    config.add_request_method(_asset, "asset")


@cache
def _digests() -> dict[str, str]:
    manifest = files("archive.web").joinpath("static", "build", "manifest.json")
    try:
        digests: dict[str, str] = json.loads(manifest.read_text("utf-8"))
    except FileNotFoundError as error:
        raise AssetsMissingError("archive/web/static/build is missing: run `make assets`") from error
    return digests


def _asset(request: Request, name: str) -> Any:
    """The address of a built file, such as `app.css`."""
    return request.static_path(_BUILD + name, _query={"v": _digests()[name]})
