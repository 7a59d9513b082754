"""A door in front of a server: it can be shut for a while, break off a request, cut an answer short, and it counts."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.servers.process import free_port

__all__ = ["Doorway", "doorway"]

_CHUNK = 65536
_NO_LINGER = struct.pack("ii", 1, 0)


class Doorway:
    """Passes TCP connections on to a server on this machine, while it is open."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._port = free_port()
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._left_in: int | None = None
        self._left_out: int | None = None
        #: bytes that went in to the server up to now
        self.passed_in = 0
        #: how often a request was broken off or an answer cut
        self.broken = 0

    @property
    def url(self) -> str:
        """Where clients knock."""
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Take connections from now on."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        """Break every connection and refuse new ones."""
        if self._listener is not None:
            # Closing alone would leave the accepting thread in the system call, and the port taken.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def break_request(self, *, after: int) -> None:
        """Reset, once, the connection that brings more than so many bytes from now on to the server."""
        with self._lock:
            self._left_in = after

    def cut_answer(self, *, after: int) -> None:
        """Let so many bytes of answers out from now on, then end that connection, once, as if that were all."""
        with self._lock:
            self._left_out = after

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # shut
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server:
            with self._lock:
                self._connections |= {client, server}
            back = threading.Thread(target=self._answer, args=(server, client), daemon=True)
            back.start()
            if not _pass_on(client, server, self._let_in):
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)  # closing it is a reset now
                with contextlib.suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)
            back.join()
            with self._lock:
                self._connections -= {client, server}

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        if not _pass_on(server, client, self._let_out):
            for connection in (client, server):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _let_in(self, size: int) -> int:
        """How many of so many bytes may pass; fewer break the connection."""
        with self._lock:
            passing, self._left_in = self._limited(size, self._left_in)
            self.passed_in += passing
            return passing

    def _let_out(self, size: int) -> int:
        with self._lock:
            passing, self._left_out = self._limited(size, self._left_out)
            return passing

    def _limited(self, size: int, left: int | None) -> tuple[int, int | None]:
        if left is None:
            return size, None
        if size <= left:
            return size, left - size
        self.broken += 1
        return left, None


def _pass_on(source: socket.socket, target: socket.socket, may_pass: Callable[[int], int]) -> bool:
    """Copy until the source ends; False when not all of it was let through."""
    whole = True
    with contextlib.suppress(OSError):
        while whole and (data := source.recv(_CHUNK)):
            passing = may_pass(len(data))
            target.sendall(data[:passing])
            whole = passing == len(data)
    if whole:
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
    return whole


@contextmanager
def doorway(target: str) -> Iterator[Doorway]:
    """An open door in front of the server at this URL."""
    door = Doorway(target)
    door.open()
    try:
        yield door
    finally:
        door.shut()
