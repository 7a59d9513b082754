"""Several machines on one: network namespaces that reach each other, and this machine, through a bridge.

Each has its processes to itself, so that nobody outside can see whether one of them is alive.
"""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.servers.missing import missing
from tests.servers.process import ServerMissingError, program

__all__ = ["Host", "Network", "network"]

_STOP_SECONDS = 20
#: what one network left may take a while to go
_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of its own, at `address`, on the far end of the `link`."""

    name: str
    address: str
    link: str

    @contextmanager
    def running(
        self, command: Sequence[str | Path], environment: Mapping[str, str], log: Path
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A program, and all that it starts, until the block ends. To kill the process is to kill them all."""
        enter = ["ip", "netns", "exec", self.name, "unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*enter, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(_STOP_SECONDS)

    def cut_off(self) -> None:
        """Take its cable out: nobody is told, packets just vanish."""
        _ip("link", "set", self.link, "down")

    def connect(self) -> None:
        """Put its cable back."""
        _ip("link", "set", self.link, "up")


@dataclass(frozen=True, slots=True)
class Network:
    """This machine, at `address`, and the hosts."""

    address: str
    hosts: tuple[Host, ...]


@contextmanager
def network(hosts: int) -> Iterator[Network]:
    """A network of so many hosts. The test is skipped where nobody may make one."""
    try:
        program("ip")
    except ServerMissingError as reason:
        missing(str(reason))
    # Other runs on this machine have other numbers, and nothing outside is ever asked.
    number, net = f"{os.getpid() % 10_000}.{next(_NUMBERS)}", f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
    with ExitStack() as stack:
        bridge = f"dgb{number}"
        _may_make(bridge)
        stack.callback(_ip, "link", "del", bridge)
        _ip("addr", "add", f"{net}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        made = tuple(stack.enter_context(_host(number, place, bridge, net)) for place in range(hosts))
        yield Network(f"{net}.1", made)


def _may_make(bridge: str) -> None:
    made = subprocess.run(["ip", "link", "add", bridge, "type", "bridge"], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no network can be made here: {made.stderr.strip()}")


@contextmanager
def _host(number: str, place: int, bridge: str, net: str) -> Iterator[Host]:
    host = Host(f"danggui-{number}-{place}", f"{net}.{place + 2}", f"dgv{number}x{place}")
    _ip("netns", "add", host.name)
    try:
        _ip("link", "add", host.link, "type", "veth", "peer", "name", "eth0", "netns", host.name)
        _ip("link", "set", host.link, "master", bridge, "up")
        for arguments in (
            ("addr", "add", f"{host.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", host.name, *arguments)
        yield host
    finally:
        _ip("netns", "del", host.name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
