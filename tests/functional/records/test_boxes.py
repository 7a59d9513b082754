"""Boxes on their pages: what lies where, in catalogue lines, for those who keep the shelves."""

from collections.abc import Callable

from webtest import TestApp

from archive.catalogue.models import Box, Control, Item, Retention, TradeSecrecy
from tests.factories.small_archive import SmallArchive

Browser = Callable[..., TestApp]


def _box(small: SmallArchive, *items: str, year: int = 2021, shelf: str = "") -> str:
    """A box of the first item's unit with these items in it."""
    with small.parts.database.writing() as session:
        rows = [session.get_one(Item, small.items[item]) for item in items]
        unit = rows[0].unit_id if rows else session.get_one(Item, small.items["lathe"]).unit_id
        box = Box(
            fonds_id=session.get_one(Item, small.items["lathe"]).fonds_id,
            unit_id=unit,
            year=year,
            retention=Retention.PERMANENT,
            number=1,
            shelf=shelf,
            created_at=small.clock(),
        )
        session.add(box)
        session.flush()
        for row in rows:
            row.box_id = box.id
        return box.id


def _rows(app: TestApp, address: str) -> list[list[str]]:
    table = app.get(address).html.select("table.list tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in table]


def test_boxes_are_listed(small: SmallArchive, browser: Browser) -> None:
    """A box says year, retention, unit, how many items and pages lie in it, and where it stands."""
    _box(small, "lathe", "cadres", shelf="一库-02列-03架-1层")
    _box(small, year=2019)
    app = browser("archivist")
    newest, older = _rows(app, "/boxes")
    assert newest[2:] == ["2021", "永久", "办公室", "2", "2", "一库-02列-03架-1层"]
    assert older[5:] == ["0", "0", "尚未上架"]
    assert "盒与架位" in app.get("/")


def test_filters_stand_in_the_address(small: SmallArchive, browser: Browser) -> None:
    """Year and unit narrow the list; what makes no sense is left out, what fits nothing says so."""
    _box(small, "lathe")
    _box(small, "accounts", year=2020)
    app = browser("archivist")
    assert [row[2] for row in _rows(app, "/boxes?year=2020")] == ["2020"]
    assert [row[4] for row in _rows(app, "/boxes?unit=BGS")] == ["办公室"]
    assert len(_rows(app, "/boxes?year=abcd")) == 2
    assert "没有符合条件的档案盒" in app.get("/boxes?year=1999")


def test_a_box_leads_to_its_items(small: SmallArchive, browser: Browser) -> None:
    """The box's page lists its items by code, and each opens; no word of their pages stands there."""
    box = _box(small, "lathe")
    page = browser("archivist").get(f"/boxes/{box}")
    assert "共 1 件" in page
    assert "车床已超过使用年限" not in page
    item = page.click("关于购置数控车床的请示")
    assert f"/boxes/{box}" in item


def test_nobody_learns_of_what_he_may_not_know(small: SmallArchive, browser: Browser) -> None:
    """What is closed even to archivists has no line and is not counted; readers have no way in."""
    box = _box(small, "lathe", "cadres")
    with small.parts.database.writing() as session:
        row = session.get_one(Item, small.items["cadres"])
        row.state = row.state.DESTROYED
    app = browser("archivist")
    assert "关于干部考察工作有关情况的报告" not in app.get(f"/boxes/{box}")
    assert [row[5] for row in _rows(app, "/boxes")] == ["1"]
    for address in ("/boxes", f"/boxes/{box}"):
        assert browser("accountant").get(address, expect_errors=True).status_int == 403
    assert app.get("/boxes/none", expect_errors=True).status_int == 404


def test_control_and_trade_secrecy_do_not_hide_from_archivists(small: SmallArchive, browser: Browser) -> None:
    """An archivist keeps work secrets and trade secrets on the shelf: he knows their lines."""
    box = _box(small, "lathe", "cadres")
    with small.parts.database.writing() as session:
        session.get_one(Item, small.items["lathe"]).trade_secrecy = TradeSecrecy.CORE
        assert session.get_one(Item, small.items["cadres"]).control is Control.WORK_SECRET
    assert len(_rows(browser("archivist"), f"/boxes/{box}")) == 2
