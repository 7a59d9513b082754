"""A Dask scheduler and its workers, as people start them."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import free_port, program, running

__all__ = ["dask_scheduler", "dask_workers", "scheduler_running", "worker_command"]


@contextmanager
def dask_scheduler(folder: Path, address: str = "127.0.0.1") -> Iterator[str]:
    """A scheduler on this machine's `address`; gives what `DANGGUI_WORKERS` is set to. Its log lies in `folder`."""
    url = f"tcp://{address}:{free_port(address)}"
    with scheduler_running(url, folder):
        yield url


@contextmanager
def scheduler_running(url: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The scheduler of that address, as a process that may be killed."""
    host, _, port = url.removeprefix("tcp://").partition(":")
    log, where = folder / "scheduler.log", ["--host", host, "--port", port]
    command: list[str | Path] = [_dask(), "scheduler", *where, "--no-dashboard", "--no-show"]
    with running(command, ready=lambda: "Scheduler at" in log.read_text(errors="replace"), log=log) as process:
        yield process


def worker_command(scheduler: str, folder: Path, *, address: str = "127.0.0.1", workers: int = 1) -> list[str | Path]:
    """What starts so many workers at that address."""
    here = ["--host", address, "--local-directory", str(folder)]
    many = ["--nworkers", str(workers), "--nthreads", "1", "--memory-limit", "2GiB"]
    return [_dask(), "worker", scheduler, *here, *many, "--no-dashboard"]


@contextmanager
def dask_workers(scheduler: str, folder: Path, environment: Mapping[str, str], workers: int = 1) -> Iterator[None]:
    """Workers on this machine, each a process."""
    log = folder / "workers.log"
    command = worker_command(scheduler, folder, workers=workers)

    def ready() -> bool:
        return log.read_text(errors="replace").count("Registered to") >= workers

    with running(command, ready=ready, log=log, environment=environment):
        yield


def _dask() -> Path:
    return program("dask", Path(sys.executable).parent)
