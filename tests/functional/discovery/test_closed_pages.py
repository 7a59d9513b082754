"""A grant for some pages of an item: they open, the others say why they do not, and a copy holds these alone."""

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdf
import pytest
from sqlalchemy import delete, select
from webtest import TestApp

from archive.app import make_app
from archive.catalogue.models import Control, Item
from archive.platform.audit.models import AuditEntry
from archive.platform.grants import Act, Grant, Place
from tests.factories.browsing import sign_in
from tests.factories.organisation import SEAT
from tests.factories.small_archive import SmallArchive, index_items

#: words of the second page of the item
SECOND = "第三周"


@pytest.fixture
def item(archive: SmallArchive) -> Iterator[str]:
    """The item with two pages, now internal to another department than the reader's; its grants go with the test."""
    item_id = archive.items["safety"]
    _set_control(archive, Control.INTERNAL)
    yield item_id
    with archive.parts.database.writing() as session:
        session.execute(delete(Grant))
    _set_control(archive, Control.PUBLIC)


@pytest.fixture
def reader(archive: SmallArchive) -> TestApp:
    """Somebody of another department, at the seat."""
    browser = TestApp(make_app(archive.parts), extra_environ={"REMOTE_ADDR": SEAT})
    sign_in(browser, "accountant")
    return browser


def _set_control(archive: SmallArchive, control: Control) -> None:
    with archive.parts.database.writing() as session:
        session.get_one(Item, archive.items["safety"]).control = control
    index_items(archive.parts, [archive.items["safety"]])


def data_of(page: Any) -> list[dict[str, Any]]:
    """What the viewer is told of the pages."""
    pages: list[dict[str, Any]] = json.loads(page.html.find(id="viewer-data").string)["pages"]
    return pages


def test_only_the_granted_page_opens(archive: SmallArchive, reader: TestApp, item: str) -> None:
    """The viewer begins with it, tells which pages are meant, and gives of the other neither address nor hit."""
    archive.grant("accountant", "safety", pages="2")
    page = reader.get(f"/items/{item}/view", {"q": SECOND})
    first, second = data_of(page)
    assert "限第 2 页" in page
    assert (first["closed"], first["hits"]) == ("您没有获准阅览这一页。如需阅览，请另行申请。", 0)
    assert not {"text", "information", "thumbnail"} & first.keys()
    assert (second["closed"], second["hits"]) == ("", 1)
    assert SECOND in json.dumps(reader.get(second["text"]).json, ensure_ascii=False)
    assert reader.get(second["thumbnail"]).content_type == "image/jpeg"
    assert "扫描0002.png" not in reader.get(f"/items/{item}")
    closed = ("text", "reading", "versions")
    for address in (
        f"/iiif/{item}/1/full/max/0/default.jpg",
        f"/iiif/{item}/1/info.json",
        f"/items/{item}/pages/1/text",
    ):
        assert "不包括这一页" in reader.get(address, status=403)
    for name in closed:
        assert reader.get(f"/items/{item}/pages/1/{name}", status=403)


def test_text_matches_where_the_whole_item_is_open_only(archive: SmallArchive, reader: TestApp, item: str) -> None:
    """With a grant for a page the search betrays no word, of that page neither; with one for all it finds it."""
    archive.grant("accountant", "safety", pages="2")
    assert item not in reader.get("/search", {"q": SECOND})
    archive.grant("accountant", "safety", "2021-0014-01")
    assert item in reader.get("/search", {"q": SECOND})
    reader.extra_environ["REMOTE_ADDR"] = "192.0.2.7"
    assert item not in reader.get("/search", {"q": SECOND})


def test_elsewhere_the_item_says_where_to_go(archive: SmallArchive, reader: TestApp, item: str) -> None:
    """Catalogue page and viewer name the reading room; pages for anywhere stay open beside closed ones."""
    archive.grant("accountant", "safety", pages="1")
    reader.extra_environ["REMOTE_ADDR"] = "192.0.2.7"
    assert "请到阅览室，在登记的座位上登录" in reader.get(f"/items/{item}")
    assert "请到阅览室阅览" in reader.get(f"/items/{item}/view", status=403)
    assert item in reader.get("/")
    archive.grant("accountant", "safety", "2021-0014-01", pages="2", place=Place.ANYWHERE)
    first, second = data_of(reader.get(f"/items/{item}/view"))
    assert first["closed"].startswith("这一页批准在阅览室阅览")
    assert not second["closed"]


def test_a_copy_holds_the_granted_pages_marked_and_is_registered(
    archive: SmallArchive, reader: TestApp, item: str
) -> None:
    """Only where a copy was asked for and approved; each page bears the mark; every download is registered."""
    archive.grant("accountant", "safety")
    assert "只许在线阅览" in reader.get(f"/items/{item}/pdf", status=403)
    archive.grant("accountant", "safety", "2021-0015-01", pages="2", act=Act.DOWNLOAD)
    for _ in range(2):
        copy = reader.get(f"/items/{item}/pdf")
    assert copy.headers["Cache-Control"] == "no-store"
    (page,) = pypdf.PdfReader(io.BytesIO(copy.body)).pages
    assert SECOND in page.extract_text()
    shown = page.images[0].image
    assert shown is not None
    picture = np.asarray(shown.convert("RGB")).astype(int)
    for corner in (picture[:512, :512], picture[:512, -512:], picture[-512:, :512], picture[-512:, -512:]):
        assert (corner[..., 2] - corner[..., 0]).max() > 8, "no ink of the mark"
    with archive.parts.database.reading() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "discovery:item:downloaded")).all()
    assert [(one.details["pages"], one.details["number"], one.address) for one in told] == [
        ("2", "2021-0015-01", SEAT)
    ] * 2


def test_a_copy_is_taken_where_the_grant_counts(archive: SmallArchive, reader: TestApp, item: str) -> None:
    """A copy approved for the reading room is not sent elsewhere."""
    archive.grant("accountant", "safety", act=Act.DOWNLOAD)
    reader.extra_environ["REMOTE_ADDR"] = "192.0.2.7"
    assert "请到阅览室阅览" in reader.get(f"/items/{item}/pdf", status=403)
