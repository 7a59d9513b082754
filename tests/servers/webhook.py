"""A real HTTP server in a process of its own, which keeps what is posted to it in a file, one line each.

`python webhook.py PORT FILE STATUS`: answers with the status; 302 leads to another path of its own.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.servers.process import free_port, running

__all__ = ["Posted", "webhook_server"]


@dataclass(frozen=True, slots=True)
class Posted:
    """Where it listens, and what came: path, headers and body of each request."""

    url: str
    file: Path

    def requests(self) -> list[dict[str, Any]]:
        """Everything that was posted so far."""
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []


@contextmanager
def webhook_server(folder: Path, status: int = 204) -> Iterator[Posted]:
    """The server, until the block ends."""
    port, file = free_port(), folder / "posted.jsonl"
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.servers.webhook", str(port), str(file), str(status)]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    with running(command, ready=lambda: _answers(url), log=folder / "webhook.log", environment=environment):
        yield Posted(f"{url}/hook?x=1", file)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


class _Hook(BaseHTTPRequestHandler):
    file: Path
    status: int

    def do_GET(self) -> None:
        """Says that it is there."""
        self._answer(200)

    def do_POST(self) -> None:
        """Keeps what comes."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.file.open("a") as kept:
            kept.write(json.dumps({"path": self.path, "headers": dict(self.headers), "body": body}) + "\n")
        self._answer(self.status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    _Hook.file, _Hook.status = Path(sys.argv[2]), int(sys.argv[3])
    HTTPServer(("127.0.0.1", int(sys.argv[1])), _Hook).serve_forever()
