"""Text corrected by hand: beside what the machine read, in catalogue, store and index."""

import io
from collections.abc import Callable

import pypdf
import pytest
from sqlalchemy import select

from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Page, TextOrigin
from archive.catalogue.service import current_words
from archive.catalogue.stored_object import ACCESS_PDF
from archive.catalogue.texts import TextService
from archive.digitization.fields import DraftFields
from archive.digitization.models import Draft, DraftPage
from archive.digitization.review import DraftService
from archive.platform.actor import SYSTEM
from archive.platform.errors import ConflictError
from archive.platform.outbox import IndexOutbox
from archive.platform.parts import Parts
from ingest.context import PageText
from tests.factories.accepted import accept, file_item, page_text
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]


def _words_of_pdf(parts: Parts, item_id: str) -> str:
    pdf = pypdf.PdfReader(io.BytesIO(parts.repository.read(item_id, ACCESS_PDF)))
    return "".join(page.extract_text() for page in pdf.pages)


@on_both_databases
def test_a_correction_is_a_reading_of_its_own(parts: Parts, organisation: Organisation) -> None:
    """It counts from now on, in the stored copies too; the older one stays; who comes second is told."""
    item = file_item(parts, organisation, accept(parts, organisation, pages=1))
    write_descriptions(parts)
    with parts.database.writing() as session:
        page = session.scalars(select(Page).where(Page.item_id == item.id)).one()
        service = TextService(session, parts.clock, SYSTEM)
        assert service.correct(page, 1, page_text("差旅费办法")).version == 2
        with pytest.raises(ConflictError):
            service.correct(page, 1, page_text("另一人"))
    with parts.database.reading() as session:
        page = session.get_one(Page, page.id)
        assert current_words(page) == "差旅费办法"
        assert [text.origin for text in page.texts] == [TextOrigin.MACHINE, TextOrigin.HUMAN]
        assert session.scalars(select(IndexOutbox.item_id).where(IndexOutbox.item_id == item.id)).first()
    write_descriptions(parts)
    assert "差旅费办法" in _words_of_pdf(parts, item.id)


def test_what_was_corrected_in_intake_is_filed_so(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Both readings become versions of the page's text; the PDF that is filed bears the corrected one."""
    person, category = organisation.people["archivist"], organisation.category
    _, (file,) = take_in(parts, person, category, [("一.tif", tiff(1))])
    run_jobs()
    with parts.database.writing() as session:
        page = session.scalars(select(DraftPage)).one()
        read = PageText.from_json(page.content or {})
        corrected = PageText(read.width, read.height, page_text("人工改正").lines, read.engine)
        page.corrected = corrected.to_json()
    with parts.database.writing() as session:
        draft = session.get_one(Draft, file.id)
        fields = DraftFields.from_json(draft.fields | {"unit_id": person.unit_id, "title": "一"})
        DraftService(session, parts.clock, SYSTEM).accept(draft, draft.revision, fields, person)
    run_jobs()
    with parts.database.reading() as session:
        filed = session.scalars(select(Page).where(Page.item_id == file.id)).one()
        assert [(text.version, text.origin.value) for text in filed.texts] == [(1, "machine"), (2, "human")]
        assert current_words(filed) == "人工改正"
    assert "人工改正" in _words_of_pdf(parts, file.id)
