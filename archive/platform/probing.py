"""Tries out, beside the work that begins, what the buckets of an archive really do.

Until a bucket was seen to refuse a second writer of a key, every put looks first; until it was seen to keep a locked
object, nothing is locked. A folder needs no trying out: creating a file is exclusive by how it is done, and a disk that
is not mounted must not get a folder in its place.
"""

import logging
import threading
import time

from archive.platform.away import is_away, waits
from archive.platform.parts import Location, Parts
from storage.errors import StorageError
from storage.interface import Capability, ObjectStore

__all__ = ["probe_buckets"]

log = logging.getLogger(__name__)


def probe_buckets(parts: Parts) -> None:
    """Begin to probe every bucket, in threads of their own: one that is away holds up nothing and is asked again."""
    for location, store in parts.stores.items():
        if not store.url.startswith("file:"):
            threading.Thread(target=_probe, args=(location, store), name=f"probe {location.value}", daemon=True).start()


def _probe(location: Location, store: ObjectStore) -> None:
    for pause in waits():
        try:
            found = store.probe()
        except StorageError as error:
            log.warning("the %s store could not be tried out: %s", location.value, error)
            if not is_away(error):
                return
        else:
            absent = ", ".join(capability.value for capability in Capability if capability not in found)
            log.info("the %s store was tried out and lacks: %s", location.value, absent or "nothing")
            return
        time.sleep(pause)
