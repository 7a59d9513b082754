"""Two worker hosts of a cluster, each in a network namespace: one is lost, and every page is still read, once."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import func, select

from archive.catalogue.models import Item, Page
from archive.cli.init import initialise
from archive.digitization.models import Batch, Draft, DraftPage, PageState
from archive.digitization.progress import failures, progress_of
from archive.platform.jobs.models import Job, JobState
from archive.platform.jobs.supervisor import Supervisor, process_environment
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings
from tests.factories.organisation import Organisation, make_organisation
from tests.servers.dask import dask_scheduler, worker_command
from tests.servers.hosts import Host, network
from tests.servers.postgres import fresh_database, postgres_server
from tests.servers.s3 import versitygw_folder, versitygw_running
from tests.unit.records.scans import take_in

pytestmark = pytest.mark.servers

_FILES, _PAGES = 6, 4
#: large enough that a page takes a while also without recognition
_SIZE = (827, 1169)
_LEASE_SECONDS = 3
_PATIENCE_SECONDS = 200


@dataclass(frozen=True)
class Cluster:
    """An archive whose parts are servers at an address of this machine, and two hosts whose workers do its work."""

    parts: Parts
    organisation: Organisation
    hosts: tuple[Host, Host]
    kill: tuple[Callable[[], None], Callable[[], None]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Everything runs; there is no work yet."""
    tmp_path = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        net = stack.enter_context(network(2))
        database = stack.enter_context(fresh_database(stack.enter_context(postgres_server(net.address))))
        server = stack.enter_context(versitygw_folder(net.address))
        stack.enter_context(versitygw_running(server))
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        scheduler = stack.enter_context(dask_scheduler(tmp_path, net.address))
        settings = replace(
            Settings.load(tmp_path / "archive", environment={}),
            database=database,
            storage=server.create_bucket().url,
            workers=scheduler,
            engine="null",
            lease=_LEASE_SECONDS,
        )
        parts = stack.enter_context(open_parts(settings))
        initialise(parts)
        with parts.database.writing() as session:
            organisation = make_organisation(session, parts.clock)
        started = [_started(stack, host, settings, tmp_path) for host in net.hosts]
        stack.enter_context(Supervisor(settings, ["dispatcher"]))
        yield Cluster(parts, organisation, (net.hosts[0], net.hosts[1]), (started[0], started[1]))


def _started(stack: ExitStack, host: Host, settings: Settings, folder: Path) -> Callable[[], None]:
    """Start a worker there, with a folder of its own; returns what kills it."""
    home = folder / host.name
    home.mkdir()
    # Dask puts a folder `storage` before everything, which hides a package that is installed from a working tree.
    path = {"PYTHONPATH": str(Path(__file__).parents[2])}
    environment = process_environment(replace(settings, folder=home)) | path
    command = worker_command(settings.workers, home, address=host.address)
    return stack.enter_context(host.running(command, environment, home / "log")).kill


def _scan(mark: str, number: int) -> bytes:
    images = [Image.new("L", _SIZE, 255) for _ in range(_PAGES)]
    for page, image in enumerate(images):
        ImageDraw.Draw(image).rectangle((50 + 10 * number, 50 + 10 * page, 200, 200), fill=0)
        ImageDraw.Draw(image).text((300, 300), mark, fill=0)
    stream = io.BytesIO()
    images[0].save(stream, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw", dpi=(100, 100))
    return stream.getvalue()


def _take_in(cluster: Cluster, mark: str) -> str:
    parts, organisation = cluster.parts, cluster.organisation
    files = [(f"{number}.tif", _scan(mark, number)) for number in range(_FILES)]
    return take_in(parts, organisation.people["archivist"], organisation.category, files, accept=True)[0].id


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def _machines_at_work(parts: Parts) -> set[str]:
    with parts.database.reading() as session:
        owners = session.scalars(select(Job.owner).where(Job.state == JobState.RUNNING, Job.kind == "pages"))
        return {str(owner).rpartition(":")[0].rpartition(":")[0] for owner in owners}


def _is_working(parts: Parts, batch_id: str) -> bool:
    with parts.database.reading() as session:
        return progress_of(session, session.get_one(Batch, batch_id), parts.clock()).working


def _assert_each_page_is_there_once(parts: Parts, batch_id: str) -> None:
    with parts.database.reading() as session:
        assert failures(session, session.get_one(Batch, batch_id)) == []
        ours = select(DraftPage.state, func.count()).where(DraftPage.batch_id == batch_id)
        states = session.execute(ours.group_by(DraftPage.state)).all()
        assert [tuple(row) for row in states] == [(PageState.DONE, _FILES * _PAGES)]
        filed = select(Draft.id).where(Draft.batch_id == batch_id)
        assert session.scalar(select(func.count()).where(Page.item_id.in_(filed))) == _FILES * _PAGES
        assert len(session.scalars(select(Item.id).where(Item.id.in_(filed))).all()) == _FILES
        items = sorted(session.scalars(select(Item.id)))
    assert sorted(parts.repository.object_ids()) == items


@pytest.mark.parametrize("loss", ["cut off", "killed"])
def test_a_lost_host_loses_no_page(cluster: Cluster, loss: str) -> None:
    """Whether it died or only its cable did: its leases run out, the other host does its work, and nothing is double.

    A host that was cut off goes on with what it held once it is connected again; nobody counts it any more.
    """
    parts, (_, lost) = cluster.parts, cluster.hosts
    batch_id = _take_in(cluster, loss)
    _wait_until(lambda: len(_machines_at_work(parts)) == 2)
    lost.cut_off()
    if loss == "killed":
        cluster.kill[1]()
    _wait_until(lambda: not _is_working(parts, batch_id))
    _assert_each_page_is_there_once(parts, batch_id)
    if loss == "cut off":
        lost.connect()
        time.sleep(2 * _LEASE_SECONDS)
        _assert_each_page_is_there_once(parts, batch_id)
