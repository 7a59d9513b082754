"""The page shell: layout, navigation, languages, error pages, static files, and the page of the day."""

from pyramid.config import Configurator

from archive.web import errors, navigation, translation
from archive.web.requests import ReadableRequest

__all__ = ["includeme"]


def includeme(config: Configurator) -> None:
    """Routes and request attributes of the shell."""
    config.set_request_factory(ReadableRequest)
    config.add_request_method(translation.locale_of, "language", reify=True)
    config.add_request_method(translation.translate, "translate")
    config.add_request_method(translation.translate_count, "translate_count")
    config.add_request_method(lambda request: translation.HTML_LANGUAGE[request.language], "html_language", reify=True)
    config.add_request_method(navigation.entries, "navigation", reify=True)
    config.add_route("home", "/")
    config.add_route("language", "/settings/language", request_method="POST")
    config.include(errors)
    config.scan(".views")
