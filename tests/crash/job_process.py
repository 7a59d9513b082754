"""A worker process for crash tests, with a trivial handler: `python job_process.py` works until it is killed.

Its handler writes into the database in two transactions, so that a kill can fall between them.
"""

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from archive.platform.jobs.handler import Handler
from archive.platform.jobs.worker import Worker
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings

__all__ = ["HANDLERS"]


def _work(parts: Parts, payload: Mapping[str, Any]) -> None:
    """Idempotent by its key: the effect is there once however often the job is begun."""
    _count(parts, "begun", payload["name"])
    time.sleep(0.01)
    with parts.database.writing() as session:
        session.execute(
            text("INSERT INTO effect (name) VALUES (:name) ON CONFLICT DO NOTHING"), {"name": payload["name"]}
        )


def _poison(parts: Parts, payload: Mapping[str, Any]) -> None:
    _count(parts, "begun", payload["name"])
    os.kill(os.getpid(), signal.SIGKILL)


def _set_aside(parts: Parts, payload: Mapping[str, Any], _reason: str) -> None:
    _count(parts, "set aside", payload["name"])


def _count(parts: Parts, what: str, name: str) -> None:
    with parts.database.writing() as session:
        session.execute(text("INSERT INTO diary (what, name) VALUES (:what, :name)"), {"what": what, "name": name})


HANDLERS = {"work": Handler(_work), "poison": Handler(_poison, _set_aside)}

if __name__ == "__main__":
    with open_parts(Settings.load()) as opened:
        Worker(opened, HANDLERS).run()
