"""The journal killed anywhere: what is in the store can be read, and afterwards it says what the database has."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.catalogue.models import Fonds
from archive.cli.init import initialise
from archive.platform.accounts.models import Person
from archive.platform.journal.segments import stored_journal
from archive.platform.journal.snapshot import take_snapshot
from archive.platform.journal.writer import write_journal_now
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings
from tests.factories.journalled import agreement, state_of
from tests.factories.organisation import make_organisation
from tests.servers.s3 import S3Bucket

_WRITING = ["filesystem.published", "journal.stored", "journal.noted"]
_COMPACTING = ["snapshot.stored", "snapshot.deleted", "snapshot.deleted:2"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What names the archive to every process; embedded unless a test adds servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DANGGUI_")}
    return {**kept, "DANGGUI_FOLDER": str(tmp_path / "archive")}


@pytest.fixture
def parts(environment: dict[str, str]) -> Iterator[Parts]:
    """The archive of some people, journalled in three segments with a snapshot after the second; then changed again."""
    with open_parts(Settings.load(environment=environment)) as opened:
        initialise(opened)
        with opened.database.writing() as session:
            make_organisation(session, opened.clock)
        write_journal_now(opened)
        change(opened, "第〇次")
        write_journal_now(opened)
        take_snapshot(opened)
        change(opened, "第一次")
        write_journal_now(opened)
        change(opened, "第二次")
        yield opened


def change(parts: Parts, name: str) -> None:
    """Rows change, one comes, one goes."""
    with parts.database.writing() as session:
        for person in session.scalars(select(Person)):
            person.name = name
        for fonds in session.scalars(select(Fonds).where(Fonds.code != "Z109")):
            session.delete(fonds)
        session.flush()
        session.add(Fonds(code=name, name=name))


def killed(environment: dict[str, str], act: str, place: str) -> None:
    """Do it in a process of its own, which dies there."""
    command = [sys.executable, "-m", "tests.crash.journal_process", act]
    done = subprocess.run(command, env={**environment, "DANGGUI_FAULT": place}, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL


def assert_readable(parts: Parts) -> None:
    """Nothing is damaged, and each row is as it was at one of the moments."""
    with state_of(parts) as state:
        assert state.findings == []
        assert {row["name"] for row in state.rows("person")} in ({"第一次"}, {"第二次"})


@pytest.mark.parametrize("place", _WRITING)
def test_killed_while_a_segment_is_written(parts: Parts, environment: dict[str, str], place: str) -> None:
    """Killed before or after the segment is stored or noted: the next one goes on from it, and no change is missing."""
    killed(environment, "journal", place)
    assert_readable(parts)
    change(parts, "第三次")
    write_journal_now(parts)
    assert agreement(parts).findings == []


@pytest.mark.parametrize("place", _COMPACTING)
def test_killed_while_compacting(parts: Parts, environment: dict[str, str], place: str) -> None:
    """Killed after a snapshot is stored or between two deletions: there is always a journal that can be read."""
    write_journal_now(parts)
    take_snapshot(parts)
    change(parts, "第三次")
    write_journal_now(parts)
    killed(environment, "snapshot", place)
    assert agreement(parts).findings == []
    change(parts, "第四次")
    write_journal_now(parts)
    take_snapshot(parts)
    assert agreement(parts).findings == []
    stored = stored_journal(parts.store)
    assert len(stored.snapshots) == 2
    assert min(stored.segments) == stored.snapshots[0] + 1


@pytest.mark.servers
@pytest.mark.parametrize("place", ["journal.stored", "journal.noted"])
def test_killed_beside_servers(
    environment: dict[str, str], postgres_database: str, s3_bucket: S3Bucket, place: str
) -> None:
    """The same with PostgreSQL and a bucket: what was stored and not noted is found, and nothing is missing."""
    environment |= {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    environment |= {"DANGGUI_DATABASE": postgres_database, "DANGGUI_STORAGE": s3_bucket.url}
    with open_parts(Settings.load(environment=environment)) as parts:
        initialise(parts)
        with parts.database.writing() as session:
            make_organisation(session, parts.clock)
        change(parts, "第一次")
        killed(environment, "journal", place)
        assert_readable(parts)
        change(parts, "第二次")
        write_journal_now(parts)
        take_snapshot(parts)
        assert agreement(parts).findings == []
