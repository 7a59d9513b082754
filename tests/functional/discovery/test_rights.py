"""No route of finding and seeing yields a word, a count or a title that the person may not know."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from webtest import TestApp, TestResponse

from tests.factories.small_archive import SmallArchive

SignIn = Callable[[str], TestApp]

#: stands in the body of the item only
_BODY_WORD = "技术改造专项"
_CONTENT = (
    "/items/{id}/view",
    "/items/{id}/pages/1/text",
    "/items/{id}/pdf",
    "/iiif/{id}/1/info.json",
    "/iiif/{id}/1/full/max/0/default.jpg",
    "/iiif/{id}/1/full/!120,160/0/default.jpg",
    "/iiif/{id}/1/0,0,300,300/300,300/0/default.jpg",
)


@pytest.fixture
def lent(archive: SmallArchive) -> Iterator[str]:
    """A grant of four hours to the accountant on the item of another department, taken back afterwards."""
    yield archive.grant("accountant", "lathe", number=f"2021-{archive.clock.now:%j%H%M}-01")
    archive.clock.pass_time(timedelta(hours=5))


@pytest.mark.parametrize("route", _CONTENT)
def test_content_is_closed_without_approval(archive: SmallArchive, signed_in: SignIn, route: str) -> None:
    """An internal item of another department yields nothing of its pages: not to a reader, not to an archivist."""
    for login, item, word in (("accountant", "lathe", _BODY_WORD), ("archivist", "accounts", "资产清查")):
        answer = signed_in(login).get(route.format(id=archive.items[item]), status=403)
        assert word not in answer.text
        assert "须经批准后方可阅览" in answer.text


@pytest.mark.parametrize("route", ["/items/{id}", *_CONTENT])
def test_what_may_not_be_known_does_not_exist(archive: SmallArchive, signed_in: SignIn, route: str) -> None:
    """A work secret of another department answers word for word like an item that was never there."""
    browser = signed_in("accountant")
    hidden = browser.get(route.format(id=archive.items["cadres"]), status=404)
    absent = browser.get(route.format(id="01a00000-0000-7000-8000-000000000000"), status=404)
    assert "干部考察" not in hidden.text
    assert _without_token(hidden) == _without_token(absent)


@pytest.mark.parametrize("route", ["/items/{id}", *_CONTENT])
def test_nobody_sees_anything_unsigned(archive: SmallArchive, signed_in: SignIn, route: str) -> None:
    """Without a session every route leads to the sign-in page, and an auditor's session opens none."""
    address = route.format(id=archive.items["safety"])
    stranger = TestApp(signed_in("auditadmin").app)
    assert "/sign-in?" in stranger.get(address, status=303).location
    signed_in("auditadmin").get(address, status=403)


def test_body_words_find_only_what_may_be_read(archive: SmallArchive, signed_in: SignIn) -> None:
    """A word that stands only in the body of a closed item gives no hit, no count, no facet."""
    found = signed_in("accountant").get("/search", {"q": f'"{_BODY_WORD}"'})
    assert "共 0 件" in found.text
    assert archive.items["lathe"] not in found.text
    assert "共 1 件" in signed_in("director").get("/search", {"q": f'"{_BODY_WORD}"'}).text


def test_known_items_show_their_line_alone(archive: SmallArchive, signed_in: SignIn) -> None:
    """An internal item of another department is found by its title, offers a request, and shows no snippet."""
    found = signed_in("accountant").get("/search", {"q": "数控车床"})
    hit = found.html.select_one("li.hit")
    assert hit is not None
    assert hit.select_one("mark").text == "数控车床"
    assert hit.select(".snippet") == []
    assert "申请阅览" in hit.text
    assert "查阅" not in hit.text


def test_counts_leave_out_what_may_not_be_known(archive: SmallArchive, signed_in: SignIn) -> None:
    """The list of everything, and its facets, count a work secret only for those who may know of it."""
    assert "共 3 件" in signed_in("accountant").get("/search").text
    assert "共 4 件" in signed_in("archivist").get("/search").text
    assert "工作秘密" not in signed_in("accountant").get("/search").html.select_one(".facets").text


def test_a_grant_opens_until_its_end(archive: SmallArchive, signed_in: SignIn, lent: str) -> None:
    """With a grant the pages open, view-only; at its end every route is closed on the next request."""
    browser = signed_in("accountant")
    item = archive.items["lathe"]
    for route in _CONTENT:
        browser.get(route.format(id=item), status=403 if route.endswith("pdf") else 200)
    text = browser.get(f"/items/{item}/pages/1/text", {"q": "预算"}).json
    assert any("预算" in line for line in text["lines"])
    assert "共 1 件" in browser.get("/search", {"q": f'"{_BODY_WORD}"'}).text
    archive.clock.pass_time(timedelta(hours=4))
    for route in _CONTENT:
        browser.get(route.format(id=item), status=403)
    assert "共 0 件" in browser.get("/search", {"q": f'"{_BODY_WORD}"'}).text


def _without_token(answer: TestResponse) -> str:
    page = answer.html
    for tag in page.select("[name=csrf-token], [name=csrf_token], [name=next]"):
        tag.decompose()
    return str(page)
