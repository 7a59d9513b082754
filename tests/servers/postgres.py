"""A private PostgreSQL cluster in a temporary folder, reached through a socket file: no port, no password, no service.

`DANGGUI_TEST_POSTGRES` names a server to use instead (an SQLAlchemy URL whose user may create databases).
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from tests.servers.process import ServerMissingError, free_port, main_group, other_groups, program, running

__all__ = ["fresh_database", "postgres_server"]

#: A test server need not survive a power cut; it need be quick.
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@contextmanager
def postgres_server(address: str = "") -> Iterator[str]:
    """The URL of a running server (`postgresql+psycopg://…`, database `postgres`). Raises ServerMissingError.

    With an `address` of this machine other hosts reach it there.
    """
    given = os.environ.get("DANGGUI_TEST_POSTGRES")
    if given and not address:
        yield given
        return
    with _private_folder() as folder, _cluster(folder, address) as url:
        yield url


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database of its own on that server, dropped afterwards."""
    name = f"test_{uuid4().hex}"
    _administer(server_url, f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _cluster(folder: Path, address: str) -> Iterator[str]:
    user = _server_user()
    data = folder / "data"
    _initialise(data, user)
    settings = [*_QUICK, f"listen_addresses={address}", f"unix_socket_directories={folder}"]
    url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
    if address:
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {address}/24 trust\n")
        settings.append(f"port={(port := free_port(address))}")
        url = f"postgresql+psycopg://postgres@{address}:{port}/postgres"
    options = [part for setting in settings for part in ("-c", setting)]
    with running(
        [_server_program("postgres"), "-D", data, *options],
        ready=lambda: _answers(url),
        log=folder / "server.log",
        user=user,
    ):
        yield url


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that belongs to the user the server runs as; its path is short, as socket files need."""
    folder = Path(tempfile.mkdtemp(prefix="danggui-pg-", dir="/tmp"))
    try:
        user = _server_user()
        if user is not None:
            shutil.chown(folder, user)
            folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> str | None:
    """Whom the server runs as: PostgreSQL refuses root, so root hands it to another user; None is ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _initialise(data: Path, user: str | None) -> None:
    settings = ["--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(
        [str(_server_program("initdb")), *settings, "-D", str(data)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=user,
        group=main_group(user),
        extra_groups=other_groups(user),
    )
    if made.returncode != 0:
        raise ServerMissingError(f"initdb failed: {made.stderr}")


def _server_program(name: str) -> Path:
    """A server program: Debian keeps them off PATH, one folder a version; the newest wins."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    return program(name, *versions)


def _answers(url: str) -> bool:
    try:
        _administer(url, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _administer(url: str, statement: str) -> None:
    with psycopg.connect(_conninfo(url), autocommit=True) as connection:
        connection.execute(statement.encode())


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
