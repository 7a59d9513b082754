"""From an accepted draft to the facts that filing works with."""

from collections.abc import Iterator

from sqlalchemy import null, select, update
from sqlalchemy.orm import Session, undefer

from archive.catalogue.models import Control, Retention, Secrecy, TradeSecrecy
from archive.catalogue.new_item import NewFile, NewItem, NewPage
from archive.digitization.fields import DraftFields
from archive.digitization.models import BatchFile, Draft, DraftPage, DraftState
from archive.digitization.original_notes import notes_of
from archive.digitization.review import category_for
from archive.platform.db import change
from archive.platform.jobs.errors import PermanentJobError
from ingest.context import PageText

__all__ = ["close", "new_item"]

_AT_A_TIME = 100


def new_item(session: Session, draft: Draft) -> NewItem:
    """What filing makes of this draft. Raises PermanentJobError when it names no category that is there."""
    fields = DraftFields.from_json(draft.fields)
    category = category_for(session, draft.batch, electronic_only=fields.electronic_only)
    if category is None or draft.accepted_by is None or draft.accepted_at is None:
        raise PermanentJobError("refused")
    return NewItem(
        id=draft.id,
        fonds_id=draft.batch.fonds_id,
        category_id=category.id,
        unit_id=fields.unit_id,
        box_id=fields.box_id or None,
        title=fields.title,
        document_number=fields.document_number,
        issuer=fields.issuer,
        addressee=fields.addressee,
        date=fields.date,
        year=fields.year,
        retention=Retention(fields.retention),
        control=Control(fields.control),
        secrecy=Secrecy(fields.secrecy),
        trade_secrecy=TradeSecrecy(fields.trade_secrecy),
        accepted_by=draft.accepted_by,
        accepted_at=draft.accepted_at,
        files=tuple(_files(session, draft)),
        notes=tuple(notes_of(session, draft)),
    )


def close(session: Session, draft: Draft) -> None:
    """The draft became an item: from now on its words are read there, by the guard's leave, and nowhere else."""
    draft.state, draft.fields, draft.proposals, draft.notes = DraftState.ACCEPTED, {}, [], []
    change(session, update(DraftPage).where(DraftPage.draft_id == draft.id).values(content=null(), corrected=null()))


def _files(session: Session, draft: Draft) -> Iterator[NewFile]:
    """Each file the draft has pages of, in the order in which they begin; pages keep their own numbers."""
    wanted = select(DraftPage).where(DraftPage.draft_id == draft.id).order_by(DraftPage.number)
    wanted = wanted.options(undefer(DraftPage.content), undefer(DraftPage.corrected))
    of_file: dict[str, list[NewPage]] = {}
    # Some at a time: a volume may have thousands of pages.
    for page in session.scalars(wanted.execution_options(yield_per=_AT_A_TIME)):
        of_file.setdefault(page.file_id, []).append(_page(page))
    for number, (file_id, pages) in enumerate(of_file.items(), 1):
        yield _file(number, session.get_one(BatchFile, file_id), pages)


def _file(number: int, file: BatchFile, pages: list[NewPage]) -> NewFile:
    return NewFile(
        number=number,
        key=file.intake_key,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        pages=tuple(pages),
    )


def _page(page: DraftPage) -> NewPage:
    return NewPage(
        number=page.number or 0,
        source_page=page.source_page,
        rotation=page.rotation,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        blank=page.blank,
        text=PageText.from_json(page.content) if page.content is not None else None,
        fingerprint=page.fingerprint,
        corrected=PageText.from_json(page.corrected) if page.corrected is not None else None,
    )
