"""A whole installation, run as a person runs it: commands in processes of their own, and `danggui serve`."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Installation", "Served"]

_COMMAND_SECONDS = 240
_GOODBYE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Served:
    """A running front end with its background processes."""

    address: str
    process: subprocess.Popen[str]


@dataclass(frozen=True, slots=True)
class Installation:
    """An archive and the settings that select its parts. Without settings it is embedded in its folder."""

    folder: Path
    settings: dict[str, str]

    @property
    def command(self) -> list[str]:
        """`danggui`, bound to this installation."""
        data = [] if self.settings else ["--data", str(self.folder)]
        return [sys.executable, "-m", "archive.cli", *data]

    @property
    def environment(self) -> dict[str, str]:
        """Our own environment, with nothing of Danggui's but these settings."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("DANGGUI_")}
        return {**ours, "DANGGUI_FOLDER": str(self.folder), **self.settings}

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command to its end; it must leave with this exit code. Returns what it printed."""
        done = subprocess.run(
            [*self.command, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=_COMMAND_SECONDS,
        )
        assert done.returncode == code, f"{arguments} left with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def ask(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with `--json`; returns what it answers."""
        return json.loads(self.run(*arguments, "--json", code=code))

    @contextmanager
    def served(self, **variables: str) -> Iterator[Served]:
        """The web front end on a free port, with workers and keeper, until the block ends."""
        process = subprocess.Popen(
            [*self.command, "serve", "--listen", "127.0.0.1:0"],
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        # A start that hangs must not hang the run: the pipe then ends, and the address is missing.
        guard = threading.Timer(_COMMAND_SECONDS, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("http://"), f"serve did not start: {address!r}"
            yield Served(address.rstrip("/"), process)
        finally:
            guard.cancel()
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_GOODBYE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
