"""Codes and boxes: no gaps, never twice, one box for one fonds, year, retention and department."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from archive.catalogue.models import ArchivalCode, Box, CodeSeries, Item, NumberAt, Page, PageTextVersion, TextOrigin
from archive.catalogue.service import CatalogueService, current_text
from archive.platform.actor import SYSTEM
from archive.platform.errors import ConflictError
from archive.platform.outbox import StoreOutbox
from archive.platform.parts import Parts
from ingest.context import PageText
from tests.factories.organisation import Organisation, make_item
from tests.unit.records.databases import on_both_databases


def _uncoded(parts: Parts, organisation: Organisation, number: int) -> list[str]:
    with parts.database.writing() as session:
        items = [make_item(session, organisation, f"第{one}件") for one in range(number)]
        for item in items:
            item.code = None
        return [item.id for item in items]


@on_both_databases
def test_codes_have_no_gaps_among_many_writers(parts: Parts, organisation: Organisation) -> None:
    """Items numbered at the same time get the numbers 1 to n, each once."""
    ids = _uncoded(parts, organisation, 12)

    def number(item_id: str) -> str:
        with parts.database.writing() as session:
            return CatalogueService(session, parts.clock, SYSTEM).give_code(session.get_one(Item, item_id))

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(number, ids))
    assert sorted(codes) == [f"Z109-WS·2021-Y-CWB-{one:04}" for one in range(1, 13)]


@on_both_databases
def test_a_code_rolled_back_is_given_again(parts: Parts, organisation: Organisation) -> None:
    """A transaction that fails leaves no gap behind."""
    first, second = _uncoded(parts, organisation, 2)
    with parts.database.writing() as session:
        CatalogueService(session, parts.clock, SYSTEM).give_code(session.get_one(Item, first))
        session.rollback()
    with parts.database.writing() as session:
        code = CatalogueService(session, parts.clock, SYSTEM).give_code(session.get_one(Item, second))
    assert code.endswith("-0001")


def test_an_item_keeps_its_code(parts: Parts, organisation: Organisation) -> None:
    """Asked again, the item has the code it had, and the counter stands still."""
    (item_id,) = _uncoded(parts, organisation, 1)
    for _ in range(2):
        with parts.database.writing() as session:
            code = CatalogueService(session, parts.clock, SYSTEM).give_code(session.get_one(Item, item_id))
    with parts.database.reading() as session:
        assert session.scalars(select(CodeSeries.next_number).where(CodeSeries.prefix == code[:-5])).one() == 2
        assert session.get_one(ArchivalCode, code).item_id == item_id
        assert session.scalar(select(StoreOutbox.id).where(StoreOutbox.item_id == item_id)) is not None


def test_a_category_that_numbers_later(parts: Parts, organisation: Organisation) -> None:
    """Where the class is numbered at arrangement, acceptance gives no code."""
    (item_id,) = _uncoded(parts, organisation, 1)
    with parts.database.writing() as session:
        item = session.get_one(Item, item_id)
        item.category.number_at = NumberAt.ARRANGEMENT
        CatalogueService(session, parts.clock, SYSTEM).arrange(item, None)
        assert item.code is None


@on_both_databases
def test_boxes_fill_up(parts: Parts, organisation: Organisation) -> None:
    """A box takes items until its pages are full; the next box has the next number."""
    with parts.database.writing() as session:
        catalogue = CatalogueService(session, parts.clock, SYSTEM)
        numbers = []
        for pages in (6, 4, 1, 30):
            item = make_item(session, organisation, "一件")
            item.page_count = pages
            box = catalogue.find_or_open_box(item, capacity=10)
            item.box_id = box.id
            session.flush()
            numbers.append(box.number)
        assert numbers == [1, 1, 2, 3]
        assert box.label == "Z109-2021-Y-CWB-3"


def test_a_box_holds_one_department_only(parts: Parts, organisation: Organisation) -> None:
    """Another department opens a box of its own, and cannot be put into a chosen one."""
    with parts.database.writing() as session:
        catalogue = CatalogueService(session, parts.clock, SYSTEM)
        ours = catalogue.find_or_open_box(make_item(session, organisation, "财务"))
        theirs = make_item(session, organisation, "工程", unit="GCB")
        assert catalogue.find_or_open_box(theirs).id != ours.id
        with pytest.raises(ConflictError, match="Z109-2021-Y-CWB-1"):
            catalogue.named_box(theirs, ours.id)
        assert len(session.scalars(select(Box)).all()) == 2


def test_human_text_wins() -> None:
    """The newest human reading counts, however many machine readings came after it."""

    def reading(version: int, origin: TextOrigin) -> PageTextVersion:
        content = PageText(10, 10, (), f"{origin} {version}").to_json()
        return PageTextVersion(version=version, origin=origin, content=content)

    page = Page(texts=[reading(1, TextOrigin.MACHINE), reading(2, TextOrigin.HUMAN), reading(3, TextOrigin.MACHINE)])
    text = current_text(page)
    assert text is not None
    assert text.engine == "human 2"
    assert current_text(Page(texts=[])) is None
