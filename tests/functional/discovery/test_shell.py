"""The page shell: refused forms, missing pages, headers, and that no route was left open by forgetting."""

from collections.abc import Callable
from dataclasses import replace
from socket import socket

import pytest
from webtest import TestApp

from archive.app import make_app
from search import open_index
from tests.factories.small_archive import PASSWORD, SmallArchive

SignIn = Callable[[str], TestApp]

#: the only routes that need no session
_OPEN = {"copies.verify", "sign_in", "sign_in.code", "sign_in.provider", "sign_in.return"}


def test_a_form_without_its_token_changes_nothing(archive: SmallArchive, signed_in: SignIn) -> None:
    """A form sent from elsewhere is refused in words, and nothing has changed."""
    browser = signed_in("engineer")
    refused = browser.post("/settings/language", {"language": "en"}, status=400)
    assert "页面已过期" in refused.text
    assert browser.get("/").html.html["lang"] == "zh-Hans"


def test_a_missing_page_says_what_to_do(signed_in: SignIn) -> None:
    """An address that leads nowhere gives a page in the person's language with the way on."""
    answer = signed_in("engineer").get("/no/such/page", status=404)
    assert "没有找到" in answer.text
    assert answer.html.select_one("main a.btn")["href"] == "/"


@pytest.mark.parametrize("address", ["/sign-in", "/", "/search", "/no/such/page"])
def test_every_answer_is_protected(signed_in: SignIn, address: str) -> None:
    """Nothing foreign runs on our pages, nobody frames them, and no cache keeps them."""
    headers = signed_in("engineer").get(address, status="*").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_static_files_may_be_kept(signed_in: SignIn) -> None:
    """Styles and scripts have addresses that change with their content, so a browser may keep them."""
    browser = signed_in("engineer")
    address = browser.get("/").html.select_one("link[rel=stylesheet]")["href"]
    assert "?v=" in address
    assert "max-age" in browser.get(address).headers["Cache-Control"]


def test_every_route_asks_for_a_permission(signed_in: SignIn) -> None:
    """A view that names no permission of its own is refused to everybody; only signing in and /verify are open."""
    registry = signed_in("engineer").app.registry
    guarded = {
        entry["introspectable"]["route_name"]: [
            related["value"] for related in entry["related"] if related.category_name == "permissions"
        ]
        for entry in registry.introspector.get_category("views")
        if entry["introspectable"]["route_name"]
    }
    public = {name for name, values in guarded.items() if "__no_permission_required__" in values}
    assert public - {name for name in public if name.startswith("__static")} == _OPEN
    assert not [name for name, values in guarded.items() if "nobody" in values]
    assert len(guarded) > 10


@pytest.mark.parametrize(
    ("login", "seen", "hidden"),
    [
        ("engineer", "借阅", "数字化"),
        ("archivist", "数字化", "\0"),
        ("auditadmin", "审计登记", "检索"),
    ],
)
def test_navigation_shows_what_one_may_do(signed_in: SignIn, login: str, seen: str, hidden: str) -> None:
    """A person sees only the work he may do, and each line leads somewhere."""
    browser = signed_in(login)
    lines = browser.get("/").html.select("nav.side a")
    labels = [line.text for line in lines]
    assert seen in labels
    assert hidden not in labels
    for line in lines:
        assert browser.get(line["href"]).status_int == 200


def test_a_part_that_is_away_is_named(archive: SmallArchive) -> None:
    """With the search engine away the page says so and what to do, and the rest goes on working."""
    with socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        away = open_index(f"http://127.0.0.1:{nobody_listens.getsockname()[1]}/danggui")
        browser = TestApp(make_app(replace(archive.parts, index=away)))
        form = browser.get("/sign-in").forms[0]
        form["login"], form["password"] = "engineer", PASSWORD
        form.submit()
        answer = browser.get("/search", status=503)
        away.close()
    assert "检索暂时无法使用" in answer.text
    assert "请过一两分钟再试" in answer.text
    assert browser.get(f"/items/{archive.items['safety']}").status_int == 200
