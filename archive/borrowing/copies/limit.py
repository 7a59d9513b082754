"""How often one address may try codes: enough for whoever holds papers, nothing for whoever searches. In memory."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

__all__ = ["TRIES", "WINDOW", "Tries"]

#: tries of one address within WINDOW
TRIES = 20
WINDOW = timedelta(minutes=10)
_ADDRESSES = 10_000


class Tries:
    """Counts tries by address since the first of them; safe among threads, and bounded in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._since: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def allow(self, address: str, now: datetime) -> bool:
        """Count one try; False: too many. A clock that was set back begins a new window."""
        with self._lock:
            began, count = self._since.pop(address, (now, 0))
            if not began <= now < began + WINDOW:
                began, count = now, 0
            self._since[address] = (began, count + 1)
            while len(self._since) > _ADDRESSES:
                self._since.popitem(last=False)
            return count < TRIES
