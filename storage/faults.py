"""Named places where a crash test lets the process die, as a power cut would.

`DANGGUI_FAULT=ocfl.content` kills the process with SIGKILL when it first passes that place, and
`DANGGUI_FAULT=ocfl.content:3` when it passes it the third time. Without the variable nothing happens. No handler runs
and no buffer is flushed: what the next start finds is what was durable.
"""

import os
import signal
from collections import Counter
from threading import Lock

__all__ = ["fault_point"]

_passes: Counter[str] = Counter()
_counting = Lock()


def fault_point(name: str) -> None:
    """Die here if `DANGGUI_FAULT` names this place and says that this is the time."""
    wanted, _, count = os.environ.get("DANGGUI_FAULT", "").partition(":")
    if wanted != name:
        return
    with _counting:
        _passes[name] += 1
        if _passes[name] == int(count or 1):
            os.kill(os.getpid(), signal.SIGKILL)
