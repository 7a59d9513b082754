"""What is said of a page that was scanned before, and to whom; and names that would lie."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.catalogue.models import Category
from archive.digitization.models import Draft
from archive.handlers import job_handlers
from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.jobs.worker import Worker
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import take_in, tiff

Browser = Callable[..., TestApp]

#: turns what follows, so that it reads as the end of the name
_TURN = "\u202e"


@pytest.fixture
def draft_id(small: SmallArchive) -> str:
    """A draft that the engineer, records officer of his department, sent; of it a name tells a lie."""
    with small.parts.database.writing() as session:
        session.add(RoleHolding(person_id=small.people["engineer"], role=Role.RECORDS_OFFICER))
    with small.parts.database.reading() as session:
        engineer = session.get_one(Person, small.people["engineer"])
        category = session.scalars(select(Category)).one()
    take_in(small.parts, engineer, category, [(f"发票{_TURN}fit.exe", tiff(2))])
    worker = Worker(replace(small.parts, settings=replace(small.parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass
    with small.parts.database.reading() as session:
        return session.scalars(select(Draft.id)).one()


@pytest.mark.parametrize("page", ["", "/light-table"])
@pytest.mark.parametrize(("login", "item", "told"), [("archivist", "accounts", True), ("engineer", "cadres", False)])
def test_a_page_scanned_before_leads_to_the_other(
    small: SmallArchive, browser: Browser, draft_id: str, page: str, login: str, item: str, told: bool
) -> None:
    """The batch's page and the light table lead to the twin; who may not know of it is told nothing."""
    twin = small.items[item]
    with small.parts.database.writing() as session:
        draft = session.get_one(Draft, draft_id)
        value = {"page": 1, "twin_page": 2, "kind": "item", "twin": twin}
        draft.findings = [{"code": "near_duplicate", "page": draft.pages[0].id, "value": value}]
        batch_id = draft.batch_id
    shown = browser(login).get(f"/batches/{batch_id}{page}")
    assert ("几乎相同" in shown, f'href="/items/{twin}"' in shown) == (told, told)


def test_marks_that_turn_the_writing_are_shown_as_signs(small: SmallArchive, browser: Browser, draft_id: str) -> None:
    """No page writes a name so that it reads otherwise than it is."""
    app = browser("archivist")
    with small.parts.database.reading() as session:
        batch_id = session.get_one(Draft, draft_id).batch_id
    for page in (f"/batches/{batch_id}", f"/batches/{batch_id}/light-table", f"/drafts/{draft_id}"):
        shown = app.get(page)
        assert _TURN not in shown.text
        assert "发票�fit" in shown
