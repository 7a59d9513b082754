"""What does a job: a function, and what is told when the job is given up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archive.platform.parts import Parts

__all__ = ["Handler", "JobHandler", "OnFailed"]

#: Gets the parts and the job's payload; runs outside of a transaction, in a worker process; done twice it does no harm.
JobHandler = Callable[[Parts, Mapping[str, Any]], None]

#: Gets the parts, the payload and the reason code, once the job is given up; may be called again after a crash.
OnFailed = Callable[[Parts, Mapping[str, Any], str], None]


@dataclass(frozen=True, slots=True)
class Handler:
    """`run` does the work; `on_failed` says on the feature's own rows that it could not be done."""

    run: JobHandler
    on_failed: OnFailed | None = None
