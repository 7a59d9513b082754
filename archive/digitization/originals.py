"""The originals of an item: files as they came, or, where an item has only some pages of a file, those pages of it.

A file of which an item has every page is kept byte by byte. Pages of other items, and sheets between items, must not be
in it: whoever may read the one would read the others.
"""

import hashlib
import os
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.catalogue.new_item import NewFile, NewItem
from archive.digitization.intake import local_copy
from archive.digitization.media_types import media_type
from archive.digitization.models import DraftPage
from archive.platform.parts import Parts
from ingest.sources.extract import extract

__all__ = ["stage_originals"]


def _own_key(file_key: str, item_id: str) -> str:
    """Where the pages that an item has of a file wait to be filed; the item's id comes first in the name."""
    folder, _, file_id = file_key.rpartition("/")
    return f"{folder}/{item_id}.{file_id}"


def stage_originals(parts: Parts, new: NewItem) -> NewItem:
    """The item with files of its own: where it has only some pages of a file, these are taken out and staged.

    Done again, it gives the same bytes. Raises UnreadableSourceError, StorageError.
    """
    with parts.database.reading() as session:
        files = tuple(file if _is_whole(session, file) else _own(parts, new.id, file) for file in new.files)
    return replace(new, files=files)


def _is_whole(session: Session, file: NewFile) -> bool:
    """Whether the item has every page of the file as it came."""
    file_id = file.key.rpartition("/")[2]
    total = session.scalar(select(func.count()).where(DraftPage.file_id == file_id))
    return total == len(file.pages)


def _own(parts: Parts, item_id: str, file: NewFile) -> NewFile:
    key = _own_key(file.key, item_id)
    pages = sorted(file.pages, key=lambda page: page.source_page)
    with local_copy(parts, file.key) as path, (path.parent / "own").open("w+b") as out:
        extract(path, [page.source_page + 1 for page in pages], out)
        out.flush()
        kind = media_type(path.parent / "own")
        size = out.seek(0, os.SEEK_END)
        out.seek(0)
        digest = hashlib.file_digest(out, "sha256").hexdigest()
        out.seek(0)
        parts.store.replace(key, out, sha256=digest)
    places = {page.number: place for place, page in enumerate(pages)}
    own = tuple(replace(page, source_page=places[page.number]) for page in file.pages)
    return replace(file, key=key, size=size, sha256=digest, media_type=kind, pages=own, source_sha256=file.sha256)
