"""One server program at a time: start it, wait until it answers, stop it whatever happens."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["ServerMissingError", "cache_folder", "free_port", "main_group", "other_groups", "program", "running"]

_START_SECONDS = 90.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.05


class ServerMissingError(Exception):
    """A server that a test needs is not installed or did not start; the message says what to do."""


def cache_folder() -> Path:
    """Where downloaded and built test servers stay, shared by every clone of this user."""
    chosen = os.environ.get("DANGGUI_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "danggui"


def free_port(address: str = "127.0.0.1") -> int:
    """A TCP port of this machine's `address` that is free now, chosen by the system."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


def program(name: str, *folders: Path) -> Path:
    """The program `name`, from the given folders first, then from PATH. Raises ServerMissingError."""
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=path)
    if found is None:
        raise ServerMissingError(f"{name} is not installed; `make test` installs what the tests need")
    return Path(found)


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    ready: Callable[[], bool],
    log: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; its output goes to `log`. Raises ServerMissingError with the log's end."""
    with log.open("wb") as output:
        server = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=log.parent,
            user=user,
            group=main_group(user),
            extra_groups=other_groups(user),
        )
    try:
        _wait_until(ready, server, log)
        yield server
    finally:
        _stop(server)


def main_group(user: str | None) -> int | None:
    """The group a program run as another user belongs to; None when it stays ours."""
    return None if user is None else pwd.getpwnam(user).pw_gid


def other_groups(user: str | None) -> list[int] | None:
    """The further groups of a program run as another user: none; None when they stay ours."""
    return None if user is None else []


def _wait_until(ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if server.poll() is not None:
            raise ServerMissingError(f"{server.args!r} ended with {server.returncode}: {_tail(log)}")
        if time.monotonic() > deadline:
            raise ServerMissingError(f"{server.args!r} did not answer within {_START_SECONDS:.0f} s: {_tail(log)}")
        time.sleep(_POLL_SECONDS)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
