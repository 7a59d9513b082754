"""What is noted about paper originals while they are scanned or reviewed: it becomes the 备考表 of their item.

Ticks at the scanner belong to the files that are scanned then. They count for a draft that has pages of these until
a person says on its review page what is true of it.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.models import NoteKind
from archive.catalogue.new_item import NewNote
from archive.digitization.models import BatchFile, Draft, DraftPage, PageRole

__all__ = ["TICKS", "Noted", "notes_of", "ticked"]

#: what can be ticked; the rest is said in words
TICKS = (NoteKind.UNBOUND, NoteKind.DAMAGED, NoteKind.PAGES_MISSING)
_MOST = 500
#: blanks, and signs that are no writing, which neither PDF nor XML can hold
_NO_WRITING = re.compile(r"[\s\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Noted:
    """What somebody says of an original: what is ticked, and further words."""

    kinds: tuple[NoteKind, ...] = ()
    words: str = ""

    @classmethod
    def of_form(cls, ticks: Collection[str], words: str) -> "Noted":
        """As sent: unknown ticks left out, the words in one line of at most 500 characters."""
        return cls(ticked(ticks), _NO_WRITING.sub(" ", words).strip()[:_MOST])

    @classmethod
    def of_notes(cls, notes: Sequence[NewNote]) -> "Noted":
        """The form as it is filled in for these notes."""
        words = [note.text for note in notes if note.kind is NoteKind.REMARK]
        return cls(tuple(note.kind for note in notes if note.kind is not NoteKind.REMARK), "".join(words))

    def notes(self, person_id: str, at: datetime, before: Sequence[NewNote] = ()) -> list[NewNote]:
        """The notes that say this, by this person at this time; what was noted before keeps its own."""
        known = {(note.kind, note.text): note for note in before}
        said = [*((kind, "") for kind in self.kinds), *([(NoteKind.REMARK, self.words)] if self.words else [])]
        return [known.get((kind, text)) or NewNote(kind, text, person_id, at) for kind, text in said]


def ticked(sent: Collection[str]) -> tuple[NoteKind, ...]:
    """The ticks that are among the values a form sent, in the order of TICKS."""
    return tuple(kind for kind in TICKS if kind.value in sent)


def notes_of(session: Session, draft: Draft) -> list[NewNote]:
    """What is noted about the originals of a draft, each kind once."""
    if draft.notes is not None:
        return [NewNote.of_json(note) for note in draft.notes]
    pages = select(DraftPage.file_id).where(DraftPage.draft_id == draft.id, DraftPage.role == PageRole.CONTENT)
    files = select(BatchFile.notes).where(BatchFile.id.in_(pages)).order_by(BatchFile.position)
    found: dict[NoteKind, NewNote] = {}
    for notes in session.scalars(files):
        for note in map(NewNote.of_json, notes):
            found.setdefault(note.kind, note)
    return [found[kind] for kind in TICKS if kind in found]
