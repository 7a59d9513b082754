"""The checks of `danggui doctor`: one function a part, each says in one sentence how it is and how to mend it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import func, select, text

from archive.cli.cluster_check import cluster_faults
from archive.migrations import is_current
from archive.platform.accounts.directory import probe_directory
from archive.platform.accounts.oidc import Provider
from archive.platform.accounts.sources import secret_of
from archive.platform.db import Database, utc_now
from archive.platform.jobs.keeper import KEEPER_LOCK
from archive.platform.jobs.models import Job, JobState
from archive.platform.journal.models import JournalOutbox
from archive.platform.journal.triggers import missing
from archive.platform.journal.writer import OlderCopyError, check_age, last_segment
from archive.platform.locks import is_held
from archive.platform.notifications.models import Outgoing
from archive.platform.notifications.outbox import given_up_messages
from archive.platform.outbox import IndexOutbox, Outbox, StoreOutbox, oldest
from archive.platform.parts import open_cipher
from archive.platform.processes import is_gone
from archive.platform.seats.addresses import networks, overlap
from archive.platform.seats.queries import seats
from archive.preservation.copying import expect_folder, lag
from archive.preservation.state import Preservation
from archive.settings import Settings
from ingest.engines import default_engine, open_engine
from search import open_index
from storage import open_store
from storage.encryption.key_file import KeyFile
from storage.interface import Capability
from storage.layout import Repository

__all__ = ["CHECKS", "Check", "Finding", "diagnose"]

_LEAST_FREE = 1 << 30
#: What waits longer waits for something that is broken.
_LONG = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part is. `mend` says what to do; it is empty where nothing is wrong."""

    part: str
    ok: bool
    says: str
    mend: str = ""


Check = Callable[[Settings], Finding]


def diagnose(settings: Settings) -> Iterator[Finding]:
    """Check every part; one that cannot even be asked is a finding too, never an exception."""
    for part, (check, mend) in CHECKS.items():
        try:
            yield check(settings)
        except Exception as error:  # noqa: BLE001 - the doctor reports whatever he meets
            yield Finding(part, ok=False, says=_first_line(error), mend=mend)


def _first_line(error: Exception) -> str:
    lines = str(getattr(error, "orig", None) or error).splitlines()
    return lines[0] if lines else type(error).__name__


def _database(settings: Settings) -> Finding:
    with _reachable(settings) as database:
        name, current = database.engine.dialect.name, is_current(database)
    if not current:
        return Finding("database", ok=False, says=f"{name}, without this version's tables", mend="run `danggui init`")
    return Finding("database", ok=True, says=f"{name}, migrated")


def _store(settings: Settings) -> Finding:
    address = urlsplit(settings.storage)
    if address.scheme == "file" and not Path(unquote(address.path)).is_dir():
        return Finding("store", ok=False, says=f"there is no folder {unquote(address.path)}", mend="run `danggui init`")
    found = open_store(settings.storage).probe()
    says = ", ".join(f"{name.value}: {'yes' if name in found else 'no'}" for name in Capability)
    if Capability.EXCLUSIVE_PUT in found:
        return Finding("store", ok=True, says=says)
    # The lease on an item fences writers; without the second line a store is usable, and it is said.
    return Finding("store", ok=True, says=f"{says} (two writers of one key are not refused: let only one system write)")


def _encryption(settings: Settings) -> Finding:
    if open_cipher(settings, open_store(settings.storage)) is None or settings.key_file is None:
        return Finding("encryption", ok=True, says="off")
    return Finding("encryption", ok=True, says=f"on, with the master key {KeyFile(settings.key_file).current}")


def _index(settings: Settings) -> Finding:
    index = open_index(settings.search)
    try:
        index.check()
    finally:
        index.close()
    return Finding("index", ok=True, says="answers")


def _engine(settings: Settings) -> Finding:
    engine = open_engine(settings.engine) if settings.engine else default_engine()
    return Finding("engine", ok=True, says=engine.name)


def _workers(settings: Settings) -> Finding:
    counted = select(Job.state, func.count()).group_by(Job.state)
    with _reachable(settings) as database, database.reading() as session:
        counts = {state.value: number for state, number in session.execute(counted)}
        owners = session.scalars(select(Job.owner).where(Job.state == JobState.RUNNING).distinct()).all()
    gone = sum(1 for owner in owners if owner is not None and is_gone(owner))
    states = ", ".join(f"{counts.get(state, 0)} {state}" for state in ("waiting", "running", "failed"))
    says = f"{settings.workers}; jobs: {states}"
    if gone:
        return Finding("workers", ok=False, says=f"{says}; {gone} workers died at work", mend="start `danggui serve`")
    return _cluster(settings, says) if settings.is_clustered else Finding("workers", ok=True, says=says)


def _cluster(settings: Settings, says: str) -> Finding:
    try:
        workers, faults = cluster_faults(settings)
    except OSError:
        mend = "check DANGGUI_WORKERS, and its certificates for tls://; start `dask scheduler`"
        return Finding("workers", ok=False, says=f"no scheduler answers at {settings.workers}", mend=mend)
    if not workers:
        return Finding("workers", ok=False, says=f"{says}; the cluster has none", mend="start `dask worker`")
    if faults:
        mend = "give every worker the DANGGUI_... settings that hold here, stores that it reaches, and the right time"
        return Finding("workers", ok=False, says=f"{says}; {'; '.join(faults)}", mend=mend)
    return Finding("workers", ok=True, says=f"{says}; {workers} workers, which share database, store and time")


def _keeper(settings: Settings) -> Finding:
    with _reachable(settings) as database:
        if is_held(database, settings.folder, KEEPER_LOCK):
            return Finding("keeper", ok=True, says="alive")
        with database.reading() as session:
            waiting = oldest(session, IndexOutbox) or oldest(session, StoreOutbox)
    if waiting is None:
        return Finding("keeper", ok=True, says="not running, and nothing waits for it")
    return Finding("keeper", ok=False, says="not running, and changes wait for it", mend="start `danggui serve`")


def _store_outbox(settings: Settings) -> Finding:
    return _outbox(settings, "store outbox", StoreOutbox)


def _index_outbox(settings: Settings) -> Finding:
    return _outbox(settings, "index outbox", IndexOutbox)


def _outbox(settings: Settings, part: str, outbox: Outbox) -> Finding:
    with _reachable(settings) as database, database.reading() as session:
        since = oldest(session, outbox)
        number = session.scalar(select(func.count()).select_from(outbox))
    return _waiting(part, number, since)


def _waiting(part: str, number: int | None, since: datetime | None) -> Finding:
    if since is None:
        return Finding(part, ok=True, says="empty")
    age = utc_now() - since
    says = f"{number} changes wait, the oldest for {age.total_seconds():.0f} s"
    if age < _LONG:
        return Finding(part, ok=True, says=says)
    return Finding(part, ok=False, says=says, mend="start `danggui serve`; if it runs, read what its log says")


def _journal(settings: Settings) -> Finding:
    with _reachable(settings) as database, database.reading() as session:
        unnoted = missing(session.connection())
        last = last_segment(session)
        since = session.scalar(select(func.min(JournalOutbox.created_at)))
        number = session.scalar(select(func.count()).select_from(JournalOutbox))
    if unnoted:
        says = f"changes of {', '.join(unnoted)} are not noted"
        return Finding("journal", ok=False, says=says, mend="run `danggui init`")
    try:
        check_age(open_store(settings.storage), last.number if last else 0)
    except OlderCopyError as error:
        return Finding("journal", ok=False, says=str(error), mend=error.mend)
    waiting = _waiting("journal", number, since)
    says = f"segment {last.number}, complete until {last.complete_until:%Y-%m-%d %H:%M:%S %Z}" if last else "not begun"
    return replace(waiting, says=f"{says}; {waiting.says if since else 'nothing waits'}")


def _second_copy(settings: Settings) -> Finding:
    if not settings.second_storage:
        return Finding("second copy", ok=True, says="none is set: what is kept lies in one store only")
    expect_folder(settings.second_storage)
    open_store(settings.second_storage).probe()
    with _reachable(settings) as database, database.reading() as session:
        behind = lag(session)
    if behind.oldest is None:
        return Finding("second copy", ok=True, says="complete")
    return _waiting("second copy", behind.items, behind.oldest)


def _locks(settings: Settings) -> Finding:
    rule = settings.lock_rule
    if rule is None:
        return Finding("locks", ok=True, says="off")
    said = []
    for name, url in (("store", settings.storage), ("second store", settings.second_storage)):
        if url:
            # A folder offers none, and to try it out would make one where its disk is not mounted.
            offered = not url.startswith("file:") and Capability.OBJECT_LOCK in open_store(url).probe()
            said.append(f"{name}: {f'{rule.mode.value} for {rule.days} days' if offered else 'offers none'}")
    return Finding("locks", ok=True, says=", ".join(said))


def _fixity(settings: Settings) -> Finding:
    if not Repository(open_store(settings.storage)).is_initialised():
        mend = "check that DANGGUI_STORAGE is the right place and its disk is mounted, then run `danggui init`"
        return Finding("fixity", ok=False, says="the store holds no repository", mend=mend)
    with _reachable(settings) as database, database.reading() as session:
        copies = Preservation(session, utc_now, settings).copies().values()
    bad, overdue, never, number = (
        sum(getattr(one, name) for one in copies) for name in ("bad", "overdue", "never", "objects")
    )
    says = f"of {number:,} copies {bad:,} bad, {overdue:,} overdue, {never:,} not read again yet"
    if bad:
        mend = "`danggui verify --state` names them; `danggui verify --repair`, or put them back from a backup"
        return Finding("fixity", ok=False, says=says, mend=mend)
    if overdue:
        mend = "start `danggui serve`; if it runs, raise DANGGUI_FIXITY_RATE"
        return Finding("fixity", ok=False, says=says, mend=mend)
    return Finding("fixity", ok=True, says=says)


def _notices(settings: Settings) -> Finding:
    ways = [name for name, url in (("e-mail", settings.mail), ("webhook", settings.webhook)) if url]
    if not ways:
        return Finding("notices", ok=True, says="in the system only: neither DANGGUI_MAIL nor DANGGUI_WEBHOOK is set")
    with _reachable(settings) as database, database.reading() as session:
        given_up, last = given_up_messages(session)
        waiting = session.scalar(select(func.count()).select_from(Outgoing).where(Outgoing.given_up_at.is_(None)))
    says = f"{', '.join(ways)}; {waiting} messages wait, {given_up} were given up within a week"
    if given_up:
        mend = "check DANGGUI_MAIL, DANGGUI_WEBHOOK, and the addresses of people"
        return Finding("notices", ok=False, says=f"{says}, the last: {last}", mend=mend)
    return Finding("notices", ok=True, says=says)


def _sign_in(settings: Settings) -> Finding:
    asked = ["passwords kept here"]
    if settings.directory is not None:
        probe_directory(settings.directory, secret_of(settings.ldap_secret))
        asked.append("the directory answers")
    if settings.provider is not None:
        Provider(settings.provider, secret_of(settings.oidc_secret), "").probe()
        asked.append("the provider answers")
    return Finding("sign-in", ok=True, says=f"{', '.join(asked)}; a second factor: {settings.second_factor}")


def _reading_room(settings: Settings) -> Finding:
    with _reachable(settings) as database, database.reading() as session:
        used = [seat for seat in seats(session) if seat.closed_at is None]
    part, proxies = "reading room", networks(settings.proxies)
    on_proxy = [seat.name for seat in used if any(overlap(one, networks(seat.address)[0]) for one in proxies)]
    if on_proxy:
        mend = "close it on the page 阅览座位, or take it off DANGGUI_PROXIES"
        return Finding(part, ok=False, says=f"the seat {on_proxy[0]} is a listed proxy", mend=mend)
    if not used:
        return Finding(part, ok=True, says="no seat is registered: what is approved for the room opens nowhere")
    return Finding(part, ok=True, says=f"seats: {len(used)}")


def _disk(settings: Settings) -> Finding:
    free = {folder: shutil.disk_usage(folder).free for folder in _folders(settings)}
    folder = min(free, key=lambda place: free[place])
    says = f"{free[folder] / (1 << 30):.1f} GiB free at {folder}"
    if free[folder] < _LEAST_FREE:
        return Finding("disk", ok=False, says=says, mend="make room, or move the archive to a larger disk")
    return Finding("disk", ok=True, says=says)


def _folders(settings: Settings) -> Iterator[Path]:
    """Folders on this machine that fill up."""
    yield settings.folder
    for url in (settings.storage, settings.second_storage, settings.search):
        address = urlsplit(url)
        folder = Path(unquote(address.path))
        if address.scheme in {"file", "embedded"} and folder.is_dir():
            yield folder


@contextmanager
def _reachable(settings: Settings) -> Iterator[Database]:
    """The database, when it answers; closed afterwards."""
    database = Database(settings.database)
    file = database.engine.url.database
    # Asking an SQLite database would make it.
    if database.is_sqlite and file and not Path(file).is_file():
        raise FileNotFoundError(f"there is no database {file}")
    with database.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    yield database
    database.dispose()


#: part -> its check, and what to do when it cannot be asked at all
CHECKS: dict[str, tuple[Check, str]] = {
    "database": (_database, "check DANGGUI_DATABASE, start the database, run `danggui init`"),
    "store": (_store, "check DANGGUI_STORAGE and its credentials, start the store"),
    "encryption": (_encryption, "do that first; a lost key file is fetched from its second place"),
    "index": (_index, "check DANGGUI_SEARCH, start the engine; `danggui reindex` builds a lost index anew"),
    "engine": (_engine, "install the engine that DANGGUI_ENGINE names, or choose another"),
    "workers": (_workers, "mend the database first"),
    "keeper": (_keeper, "mend the database first"),
    "store outbox": (_store_outbox, "mend the database first"),
    "journal": (_journal, "mend the database and the store first"),
    "index outbox": (_index_outbox, "mend the database first"),
    "second copy": (_second_copy, "check DANGGUI_SECOND_STORAGE and its credentials; mount its disk, start its server"),
    "locks": (_locks, "mend the stores first"),
    "fixity": (_fixity, "mend the database and the store first"),
    "notices": (_notices, "mend the database first"),
    "sign-in": (_sign_in, "check DANGGUI_LDAP, DANGGUI_OIDC and their secrets; until then passwords kept here open"),
    "reading room": (_reading_room, "mend the database first"),
    "disk": (_disk, "run `danggui init`"),
}
