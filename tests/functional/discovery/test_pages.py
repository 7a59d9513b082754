"""What the pages of finding and seeing say, and what leaves the house with them."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select
from webtest import TestApp

from archive.platform.accounts.models import Person
from archive.platform.audit.models import AuditEntry
from tests.factories.drawn_pages import HEIGHT, WIDTH
from tests.factories.small_archive import SmallArchive

SignIn = Callable[[str], TestApp]


def test_hits_link_into_the_viewer(archive: SmallArchive, signed_in: SignIn) -> None:
    """A readable item shows where the words stand; each snippet leads to its page with the words marked."""
    found = signed_in("accountant").get("/search", {"q": "應急演練"})
    snippet = found.html.select_one(".snippet")
    assert "应急演练" in [mark.text for mark in snippet.select("mark")]
    viewer = found.click(href=f"{archive.items['safety']}/view.*page=1", index=0)
    assert viewer.html.select_one("input[name=q][placeholder]").get("value") == "應急演練"


def test_boxes_stand_where_the_words_are_drawn(archive: SmallArchive, signed_in: SignIn) -> None:
    """The box of a hit, in pixels of the page, frames exactly the ink of its characters."""
    item = archive.items["safety"]
    browser = signed_in("director")
    hit = browser.get(f"/items/{item}/pages/2/text", {"q": "触电"}).json["hits"][0]
    (left, top), _, (right, bottom), _ = hit["boxes"][0]
    page = Image.open(io.BytesIO(archive.parts.repository.read(item, "content/0002.png")))
    ink = np.asarray(page.crop((int(left), int(top), int(right), int(bottom)))) < 128
    columns = np.flatnonzero(ink.any(axis=0))
    assert columns[0] < 6
    assert columns[-1] > ink.shape[1] - 7


def test_pages_leave_marked_and_registered(archive: SmallArchive, signed_in: SignIn) -> None:
    """A delivered page bears the reader's mark, is kept by no cache, and stands in the register once."""
    item = archive.items["safety"]
    browser = signed_in("accountant")
    for _again in range(2):
        answer = browser.get(f"/iiif/{item}/2/full/max/0/default.jpg")
    assert answer.headers["Cache-Control"] == "no-store"
    picture = Image.open(io.BytesIO(answer.body))
    assert picture.size == (WIDTH, HEIGHT)
    margin = np.asarray(picture.convert("L").crop((0, HEIGHT - 256, 256, HEIGHT)))
    assert margin.min() < 230 < margin.max()
    with archive.parts.database.reading() as session:
        read = select(AuditEntry).where(AuditEntry.subject_id == item, AuditEntry.details["page"].as_integer() == 2)
        readers = [entry.actor_name for entry in session.scalars(read)]
    assert readers.count("孙敏") == 1


def test_a_copy_is_only_for_who_may_take_it(archive: SmallArchive, signed_in: SignIn) -> None:
    """The PDF of a public item can be taken away under the record's own code."""
    answer = signed_in("accountant").get(f"/items/{archive.items['safety']}/pdf")
    assert answer.body.startswith(b"%PDF-")
    assert "Z109-WS" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ("题名:", "字段名和冒号之后"),
        ("年度:今年", "四位数字"),
        ("AND", "前后都要有"),
        ("。、！", "只有符号"),
        ("(" * 40 + "甲", ""),
    ],
)
def test_a_mistake_is_explained(signed_in: SignIn, query: str, advice: str) -> None:
    """A query that cannot be understood gives advice on the same page, never an error page."""
    answer = signed_in("accountant").get("/search", {"q": query}, status=200)
    assert advice in answer.text
    assert "系统出错" not in answer.text


@pytest.mark.parametrize("parameters", [{"page": "0"}, {"page": "x"}, {"page": "999"}, {"sort": "x"}, {"year": "\0"}])
def test_nonsense_in_the_address_does_no_harm(signed_in: SignIn, parameters: dict[str, str]) -> None:
    """Whatever somebody writes into the address, a page comes back."""
    assert signed_in("accountant").get("/search", parameters).status_int == 200


def test_filters_stand_in_the_address(signed_in: SignIn) -> None:
    """A filter is a link; following it narrows the list, following it again widens it."""
    everything = signed_in("accountant").get("/search")
    narrowed = everything.click("财务部")
    assert "department=CWB" in narrowed.request.url
    assert "共 1 件" in narrowed.text
    assert "共 3 件" in narrowed.click("财务部").text


def test_each_person_has_his_language(archive: SmallArchive, signed_in: SignIn) -> None:
    """Who chooses English reads English from then on, with the page's language said for fonts and voices."""
    browser = signed_in("engineer")
    page = browser.get("/search")
    assert page.html.html["lang"] == "zh-Hans"
    form = next(form for form in page.forms.values() if form.action.endswith("/settings/language"))
    english = form.submit("language", value="en").follow()
    assert english.html.html["lang"] == "en"
    assert "检索" not in english.html.select_one("main").text
    with archive.parts.database.reading() as session:
        assert session.get_one(Person, archive.people["engineer"]).language == "en"
    form = next(form for form in english.forms.values() if form.action.endswith("/settings/language"))
    form.submit("language", value="zh_Hans")
