"""The web front end put together: one Pyramid application over the opened parts of one archive."""

from pyramid.config import Configurator
from pyramid.csrf import CookieCSRFStoragePolicy
from pyramid.request import Request
from pyramid.router import Router

from archive.handlers import approval_subjects, open_duties
from archive.platform.accounts.security import bearer_token
from archive.platform.actor import Actor
from archive.platform.parts import Parts

__all__ = ["make_app"]

#: nobody holds it: a view that names no permission of its own is refused
NOBODY = "nobody"

_INCLUDES = (
    "archive.web.database",
    "pyramid_services",
    "archive.web.templating",
    "archive.web.assets",
    "archive.web.headers",
    "archive.platform.accounts",
    "archive.platform.seats",
    "archive.platform.approval",
    "archive.platform.notifications",
    "archive.platform.audit",
    "archive.catalogue",
    "archive.digitization",
    "archive.discovery",
    "archive.borrowing",
    "archive.borrowing.copies",
    "archive.borrowing.ledger",
    "archive.borrowing.paper",
    "archive.preservation",
    "archive.web",
)


def make_app(parts: Parts) -> Router:
    """Build the application. It opens nothing itself: the caller closes `parts`."""
    config = Configurator()
    config.set_default_permission(NOBODY)
    _protect_forms(config)
    _add_request_attributes(config, parts)
    for name in _INCLUDES:
        config.include(name)
    return config.make_wsgi_app()


def _protect_forms(config: Configurator) -> None:
    """Every unsafe request must carry the token, as a form field or, from scripts, as a header."""
    config.set_csrf_storage_policy(CookieCSRFStoragePolicy(httponly=True, samesite="Strict"))
    # A program shows its token of its own will, and its cookies count for nothing: no other site can send in its name.
    config.set_default_csrf_options(
        require_csrf=True, header="X-CSRF-Token", callback=lambda request: bearer_token(request) is None
    )


def _add_request_attributes(config: Configurator, parts: Parts) -> None:
    config.add_request_method(lambda _request: parts, "parts", reify=True)
    config.add_request_method(lambda _request: parts.clock, "clock", reify=True)
    subjects = approval_subjects()
    config.add_request_method(lambda _request: subjects, "approval_subjects", reify=True)
    config.add_request_method(_actor, "actor", reify=True)
    config.add_request_method(lambda _request: open_duties(), "duties", reify=True)


def _actor(request: Request) -> Actor:
    person = request.identity
    if person is None:
        return Actor(None, "anonymous", address=request.address)
    return Actor(person.id, person.name, address=request.address)
