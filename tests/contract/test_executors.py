"""Whoever does the jobs, processes of this machine or a Dask cluster: the same scans give the same records."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import select

from archive.cli.checks import Finding, diagnose
from archive.cli.init import initialise
from archive.digitization.models import Batch, Draft, DraftPage
from archive.digitization.progress import failures, progress_of
from archive.platform.jobs.supervisor import Supervisor, executors, process_environment
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings, SettingsError
from ingest.testing import SAMPLES, sample_documents
from tests.factories.organisation import make_organisation
from tests.servers.dask import dask_scheduler, dask_workers
from tests.servers.postgres import fresh_database
from tests.servers.process import free_port
from tests.unit.records.scans import take_in

pytestmark = pytest.mark.servers

_FILES = 2
_PATIENCE_SECONDS = 180


@pytest.fixture
def clustered(postgres_url: str, tmp_path: Path) -> Iterator[Parts]:
    """An empty archive on PostgreSQL whose jobs a cluster of two workers does."""
    with ExitStack() as stack:
        scheduler = stack.enter_context(dask_scheduler(tmp_path))
        settings = _settings(stack, postgres_url, tmp_path / "archive", scheduler)
        # Dask puts a folder `storage` before everything, which hides a package that is installed from a working tree.
        environment = process_environment(settings) | {"PYTHONPATH": str(Path(__file__).parents[2])}
        parts = stack.enter_context(open_parts(settings))
        initialise(parts)
        stack.enter_context(dask_workers(scheduler, tmp_path, environment, workers=2))
        yield parts


def _settings(stack: ExitStack, postgres_url: str, folder: Path, workers: str) -> Settings:
    database = stack.enter_context(fresh_database(postgres_url))
    embedded = Settings.load(folder, environment={})
    return replace(embedded, database=database, workers=workers, engine="ppocr")


@contextmanager
def _local(postgres_url: str, folder: Path) -> Iterator[Parts]:
    with ExitStack() as stack:
        parts = stack.enter_context(open_parts(_settings(stack, postgres_url, folder, "local://2")))
        initialise(parts)
        yield parts


def _drafts(parts: Parts) -> dict[str, Any]:
    """Have the same samples read in this archive; what is known of each scan, by its name."""
    with parts.database.writing() as session:
        organisation = make_organisation(session, parts.clock)
    scans = [(d["file"], (SAMPLES / d["file"]).read_bytes()) for d in sample_documents()[:_FILES]]
    batch, _ = take_in(parts, organisation.people["archivist"], organisation.category, scans)
    with Supervisor(parts.settings, executors(parts.settings)):
        end = monotonic() + _PATIENCE_SECONDS
        while _is_working(parts, batch.id):
            assert monotonic() < end, "the batch does not come to an end"
            sleep(0.1)
    with parts.database.reading() as session:
        assert failures(session, session.get_one(Batch, batch.id)) == []
        return {draft.name: _draft(parts, draft) for draft in session.scalars(select(Draft))}


def _is_working(parts: Parts, batch_id: str) -> bool:
    with parts.database.reading() as session:
        return progress_of(session, session.get_one(Batch, batch_id), parts.clock()).working


def _draft(parts: Parts, draft: Draft) -> tuple[Any, ...]:
    fields = {name: value for name, value in draft.fields.items() if name != "unit_id"}
    return fields, draft.proposals, draft.findings, [_page(parts, page) for page in draft.pages]


def _page(parts: Parts, page: DraftPage) -> tuple[Any, ...]:
    with parts.store.open(page.thumbnail_key) as thumbnail:
        digest = hashlib.sha256(thumbnail.read()).hexdigest()
    facts = (page.number, page.state, page.rotation, page.width, page.height, page.dpi, page.blank, page.fingerprint)
    return *facts, page.findings, page.content, digest


def _workers(parts: Parts) -> Finding:
    return next(found for found in diagnose(parts.settings) if found.part == "workers")


def test_a_cluster_gives_the_same_results(clustered: Parts, postgres_url: str, tmp_path: Path) -> None:
    """Texts with their places, fields, findings, pictures: what the cluster made is what local processes make."""
    with _local(postgres_url, tmp_path / "local") as local:
        expected = _drafts(local)
    found = _drafts(clustered)
    assert len(found) == _FILES
    assert any(page[-2]["lines"] for _, _, _, pages in found.values() for page in pages)
    assert found == expected


def test_the_doctor_looks_at_every_worker(clustered: Parts, postgres_url: str, tmp_path: Path) -> None:
    """Workers that share everything are well; seen from an archive elsewhere they have another database and store."""
    finding = _workers(clustered)
    assert finding.ok, finding
    assert "2 workers" in finding.says
    with _local(postgres_url, tmp_path / "other") as other:
        elsewhere = _workers(replace(other, settings=replace(other.settings, workers=clustered.settings.workers)))
    assert not elsewhere.ok
    assert "has another database" in elsewhere.says
    assert "has another store" in elsewhere.says


def test_a_cluster_needs_a_scheduler_and_a_shared_database(postgres_database: str, tmp_path: Path) -> None:
    """SQLite is refused at once; a scheduler that is not there is said, and how to start it."""
    somewhere = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(SettingsError, match="cannot share"):
        Settings.load(environment={"DANGGUI_FOLDER": str(tmp_path), "DANGGUI_WORKERS": somewhere})
    settings = replace(Settings.load(tmp_path, environment={}), database=postgres_database, workers=somewhere)
    with open_parts(settings) as parts:
        initialise(parts)
        finding = _workers(parts)
    assert not finding.ok
    assert "no scheduler answers" in finding.says
    assert "dask scheduler" in finding.mend
