"""What a person does in a browser without scripts: fills forms and follows links."""

from typing import Any

from webtest import TestApp

from tests.factories.small_archive import PASSWORD

__all__ = ["form_to", "sign_in"]


def sign_in(browser: TestApp, login: str, password: str = PASSWORD, at: str = "/sign-in") -> Any:
    """Fill the sign-in form and send it; returns the answer."""
    form = form_to(browser.get(at), "/sign-in")
    form["login"], form["password"] = login, password
    return form.submit(expect_errors=True)


def form_to(page: Any, ending: str) -> Any:
    """The first form of a page that is sent to an address with this ending."""
    return next(form for _key, form in sorted(page.forms.items(), key=str) if form.action.endswith(ending))
