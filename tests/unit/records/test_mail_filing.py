"""E-mail on its way to a record: proposed from its head, kept whole, with a searchable PDF of all its pages."""

import io
from collections.abc import Callable

import pikepdf
from sqlalchemy import select

from archive.catalogue.models import Item
from archive.digitization.fields import DraftFields
from archive.digitization.models import Draft, DraftPage, DraftState
from archive.digitization.review import DraftService
from archive.digitization.service import IntakeService
from archive.platform.actor import SYSTEM
from archive.platform.parts import Parts
from tests.factories.organisation import Organisation
from tests.unit.ingest.mails import mail
from tests.unit.ingest.pdfs import typeset
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]


def test_a_message_becomes_a_record(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Title, date and people come from the head; the original is the message byte by byte; its PDF has all pages."""
    message = mail()
    message.add_attachment(tiff(2), maintype="image", subtype="tiff", filename="扫描.tif")
    data = message.as_bytes()
    person = organisation.people["archivist"]
    batch, (file,) = take_in(parts, person, organisation.category, [("来函.eml", data)], accept=True)
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, SYSTEM, parts.settings.zone)
        intake.complete(intake.batch(batch.id))
    run_jobs()
    with parts.database.writing() as session:
        draft = session.get_one(Draft, file.id)
        assert (draft.state, draft.reason) == (DraftState.READY, "")
        fields = DraftFields.from_json(draft.fields)
        DraftService(session, parts.clock, SYSTEM).accept(draft, draft.revision, fields, person)
    run_jobs()
    with parts.database.reading() as session:
        item = session.scalars(select(Item)).one()
        assert (item.title, item.date, item.issuer) == ("关于报送检查情况的函", "20210305", "沈鉴")
        assert item.addressee == "周敏、办公室"
        assert [one.media_type for one in item.files] == ["message/rfc822"]
        assert session.query(DraftPage).count() == 3
        with parts.repository.open(item.id, "content/0001.eml") as kept:
            assert kept.read() == data
        with (
            parts.repository.open(item.id, "derivatives/access.pdf") as made,
            pikepdf.open(io.BytesIO(made.read())) as pdf,
        ):
            assert len(pdf.pages) == 3


def test_a_page_that_looks_like_a_message_is_none(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """A PDF that begins as messages are set here is not taken at its word: nothing of it is proposed as sure."""
    head = ("电子邮件", "发件人：沈鉴", "收件人：周敏", "日期：2021年3月5日 22:10", "主题：报送检查情况")
    printed = ("打印件.pdf", typeset(" \\\n".join(head)))
    _, (file,) = take_in(parts, organisation.people["archivist"], organisation.category, [printed])
    run_jobs()
    with parts.database.reading() as session:
        draft = session.get_one(Draft, file.id)
        sure = {one["field"] for one in draft.proposals if one["confidence"] >= 0.9}
    assert draft.state is DraftState.READY
    assert not sure & {"title", "issuer", "addressee"}
