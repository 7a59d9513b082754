"""The background work of intake: open a file, read a page, file what was accepted. All of it may run twice."""

from collections.abc import Mapping
from typing import Any

from archive.catalogue.filing import enter_item, store_object
from archive.digitization.accepted import close, new_item
from archive.digitization.intake import local_copy
from archive.digitization.media_types import media_type
from archive.digitization.models import BatchFile, Draft, DraftPage, DraftState, FileState, PageState
from archive.digitization.proposing import settle
from archive.digitization.quarantine import bears_mark, quarantine
from archive.digitization.reading import keep_page, page_to_read
from archive.digitization.service import TRIES
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.errors import DangguiError
from archive.platform.jobs.errors import PermanentJobError
from archive.platform.jobs.handler import Handler
from archive.platform.jobs.service import JobQueue
from archive.platform.leases import item_lease
from archive.platform.parts import Parts
from ingest.errors import IngestError, UnreadableSourceError
from ingest.official_document import propose
from ingest.pipeline import read_page
from ingest.sources import open_source
from storage.faults import fault_point

__all__ = ["HANDLERS"]

Payload = Mapping[str, Any]


# --- open: a file becomes a draft with pages ---


def _open_file(parts: Parts, payload: Payload) -> None:
    with parts.database.reading() as session:
        file = session.get_one(BatchFile, payload["file"])
    if file.state is not FileState.RECEIVED:
        return
    try:
        with local_copy(parts, file.intake_key) as path:
            kind = media_type(path)
            with open_source(path, file.name) as source:
                count = source.page_count
    except UnreadableSourceError as error:
        _refuse_file(parts, payload, error.reason)
    else:
        _make_draft(parts, file.id, kind, count)


def _make_draft(parts: Parts, file_id: str, kind: str, pages: int) -> None:
    with parts.database.writing() as session:
        file = session.get_one(BatchFile, file_id, with_for_update=True)
        if file.state is not FileState.RECEIVED:
            return
        file.state, file.media_type = FileState.OPENED, kind
        # One file is one item: one id leads from the file over the draft to the item and its stored object.
        draft = Draft(id=file.id, batch_id=file.batch_id, file_id=file.id, position=file.position)
        draft.pages = [DraftPage(number=number, source_page=number - 1) for number in range(1, pages + 1)]
        session.add(draft)
        session.flush()
        queue = JobQueue(session, parts.clock)
        for page in draft.pages:
            queue.enqueue("page", {"page": page.id}, key=f"page:{page.id}", group=file.batch_id, max_attempts=TRIES)


def _refuse_file(parts: Parts, payload: Payload, reason: str) -> None:
    with parts.database.writing() as session:
        file = session.get_one(BatchFile, payload["file"], with_for_update=True)
        if file.state is FileState.RECEIVED:
            file.state, file.reason = FileState.REFUSED, reason


# --- page: recognise one page; the last one brings the proposals ---


def _read_page(parts: Parts, payload: Payload) -> None:
    page = page_to_read(parts, payload["page"])
    if page.waiting:
        try:
            with local_copy(parts, page.key) as path:
                result = read_page(path, page.source_page + 1, page.name, parts.settings.engine)
        except IngestError as error:
            raise PermanentJobError(error.reason) from error
        if bears_mark(propose([result.text])):
            quarantine(parts, page.batch_id)
            return
        keep_page(parts, page, result)
    settle(parts, page.draft_id)


def _set_page_aside(parts: Parts, payload: Payload, reason: str) -> None:
    with parts.database.writing() as session:
        page = session.get_one(DraftPage, payload["page"], with_for_update=True)
        if page.state is PageState.WAITING:
            page.state, page.reason = PageState.FAILED, reason[:64]
        draft_id = page.draft_id
    settle(parts, draft_id)


# --- file: what a person accepted becomes an item ---


def _file_draft(parts: Parts, payload: Payload) -> None:
    with parts.database.reading() as session:
        draft = session.get_one(Draft, payload["draft"])
        if draft.state is not DraftState.ACCEPTING:
            return
        new = new_item(session, draft)
        person = session.get_one(Person, new.accepted_by)
    with item_lease(parts.database, parts.clock, new.id) as lease:
        store_object(parts, new, person.name)
        try:
            with parts.database.writing() as session:
                lease.check(session)
                draft = session.get_one(Draft, new.id, with_for_update=True)
                if draft.state is not DraftState.ACCEPTING:
                    return
                year = new.accepted_at.astimezone(parts.settings.zone).year
                enter_item(session, parts.clock, Actor(person.id, person.name), new, year)
                close(session, draft)
        except DangguiError as error:
            raise PermanentJobError("refused") from error
    fault_point("filing.recorded")


def _return_to_review(parts: Parts, payload: Payload, reason: str) -> None:
    with parts.database.writing() as session:
        draft = session.get_one(Draft, payload["draft"], with_for_update=True)
        if draft.state is DraftState.ACCEPTING:
            draft.state, draft.reason = DraftState.READY, reason[:64]


#: kind of job -> what does it
HANDLERS = {
    "open": Handler(_open_file, _refuse_file),
    "page": Handler(_read_page, _set_page_aside),
    "file": Handler(_file_draft, _return_to_review),
}
