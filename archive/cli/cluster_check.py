"""Whether the workers of a cluster are there, and share database, store and time with everybody else."""

import hashlib
import io
from uuid import uuid4

from archive.cli.cluster import look_around
from archive.digitization.intake import INTAKE
from archive.platform.jobs.cluster import connected
from archive.platform.locks import exclusive
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings

__all__ = ["cluster_faults"]


def cluster_faults(settings: Settings) -> tuple[int, list[str]]:
    """How many workers there are, and what is wrong, a sentence each. Raises OSError when there is no scheduler.

    Tried out, not compared: two addresses may name one place, and one address two.
    """
    with open_parts(settings) as parts, connected(settings) as client:
        lock = f"doctor-{uuid4().hex}"
        key = _put(parts, lock)
        try:
            with exclusive(parts.database, settings.folder, lock):
                seen = client.run(look_around, lock, key, parts.clock(), on_error="return")
        finally:
            parts.store.delete(key)
    return len(seen), [f"{address} {fault}" for address, found in sorted(seen.items()) for fault in _said(found)]


def _put(parts: Parts, name: str) -> str:
    """A small object beside the scans that wait; what a broken check leaves is swept with them."""
    key, data = f"{INTAKE}{name}/{name}", name.encode()
    parts.store.put(key, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
    return key


def _said(found: list[str] | Exception) -> list[str]:
    return [f"cannot work: {found}"] if isinstance(found, Exception) else found
