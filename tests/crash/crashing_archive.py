"""An embedded archive whose work is done, and killed, in real processes; and what must be true of it afterwards.

Run as a program it does all work that waits in the archive of the folder given, then ends: `DANGGUI_FAULT` says where
it is killed.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw
from sqlalchemy import func, select

from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Item, Page
from archive.cli.init import initialise
from archive.cli.verify import verify_store
from archive.digitization.intake import stage
from archive.digitization.models import Batch, BatchSource, DraftPage, PageState
from archive.digitization.progress import failures, progress_of
from archive.digitization.service import IntakeService
from archive.handlers import build_documents, job_handlers
from archive.platform.actor import SYSTEM
from archive.platform.db import new_id
from archive.platform.delivery import drain_index
from archive.platform.jobs.worker import Worker
from archive.platform.outbox import IndexOutbox, StoreOutbox
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings
from tests.factories.organisation import make_organisation

__all__ = ["agreement", "environment", "has_work", "new_archive", "opened", "work_in_process"]


@contextmanager
def opened(folder: Path) -> Iterator[Parts]:
    """The archive of that folder; its engine reads nothing."""
    with open_parts(replace(Settings.load(folder, environment={}), engine="null")) as parts:
        yield parts


def environment(**more: str) -> dict[str, str]:
    """What the killed processes see: one worker that reads nothing, and maybe the place of its death."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DANGGUI_")}
    return {**kept, "DANGGUI_ENGINE": "null", **more}


def new_archive(folder: Path, *, files: int, pages: int, size: tuple[int, int]) -> str:
    """An archive with one batch that files itself: so many TIFFs of so many pages; returns the batch's id."""
    folder.mkdir()
    with opened(folder) as parts:
        initialise(parts)
        with parts.database.writing() as session:
            organisation = make_organisation(session, parts.clock)
        batch_id = new_id()
        scans = [_scan(number, pages, size) for number in range(files)]
        staged = [stage(parts.store, batch_id, io.BytesIO(scan), f"{n}.tif") for n, scan in enumerate(scans)]
        with parts.database.writing() as session:
            intake = IntakeService(session, parts.clock, SYSTEM, parts.settings.zone)
            person = organisation.people["archivist"]
            source = BatchSource.COMMAND
            batch = intake.open_batch(person, organisation.category, source, batch_id=batch_id, accept=True)
            for file in staged:
                intake.add_file(batch, file)
    return batch_id


def work_in_process(folder: Path, fault: str = "") -> int:
    """Do all work in a process of its own; returns its exit code, negative if it was killed."""
    command = [sys.executable, "-m", "tests.crash.crashing_archive", str(folder)]
    return subprocess.run(command, env=environment(DANGGUI_FAULT=fault), check=False, timeout=120).returncode


def has_work(parts: Parts, batch_id: str) -> bool:
    """Whether something of the batch is still under way, up to the index."""
    with parts.database.reading() as session:
        batch = session.get_one(Batch, batch_id)
        waiting = session.scalar(select(IndexOutbox.id).limit(1)) or session.scalar(select(StoreOutbox.id).limit(1))
        return progress_of(session, batch, parts.clock()).working or waiting is not None


def agreement(folder: Path, batch_id: str, *, items: int, pages: int) -> None:
    """Assert that catalogue, store and index agree: every page exactly once, every item coded, described and found."""
    with opened(folder) as parts, parts.database.reading() as session:
        assert failures(session, session.get_one(Batch, batch_id)) == []
        states = session.execute(select(DraftPage.state, func.count()).group_by(DraftPage.state)).all()
        assert [tuple(row) for row in states] == [(PageState.DONE, pages)]
        assert session.scalar(select(func.count()).select_from(Page)) == pages
        found = session.scalars(select(Item)).all()
        assert sorted(int(str(item.code)[-4:]) for item in found) == list(range(1, items + 1))
        assert {item.stored_version for item in found} == {2}
        ids = sorted(item.id for item in found)
        assert sorted(parts.repository.object_ids()) == ids
        assert sorted(parts.index.ids()) == ids
        fixity = verify_store(parts)
        assert (fixity.clean, fixity.ok) == (True, fixity.checked)


def _scan(number: int, pages: int, size: tuple[int, int]) -> bytes:
    images = [Image.new("L", size, 255) for _ in range(pages)]
    for page, image in enumerate(images):
        ImageDraw.Draw(image).rectangle((50 + 10 * number, 50 + 10 * page, 200, 200), fill=0)
    stream = io.BytesIO()
    images[0].save(stream, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw", dpi=(300, 300))
    return stream.getvalue()


def _work(folder: Path) -> None:
    with opened(folder) as parts:
        worker = Worker(parts, job_handlers())
        while worker.run_one():
            pass
        write_descriptions(parts)
        drain_index(parts, build_documents)


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
