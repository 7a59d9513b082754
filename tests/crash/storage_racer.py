"""One of several processes that write the same object at once, as `python -m tests.crash.storage_racer URL WHO ROUNDS`.

It commits one version after the other until there are ROUNDS of them, and prints those that it won, as JSON. Racers of
the same name write the same bytes.
"""

import json
import sys
from datetime import UTC, datetime

from storage import open_store
from storage.errors import NotStoredError, VersionTakenError
from storage.layout import Content, Repository

__all__ = ["RACED", "state_of"]

RACED = "0190b1f2-7c3a-7def-8abc-ffffffffffff"


def state_of(who: str, version: int) -> dict[str, bytes]:
    """What the object holds after a version that `who` won: a file of his own, and one that all write alike."""
    return {"own": f"{who} {version} ".encode() * 500, "shared": f"everybody {version} ".encode() * 500}


def main(url: str, who: str, rounds: int) -> None:
    """Wait for the start, then race."""
    repository = Repository(open_store(url))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    won = []
    while (version := _head(repository) + 1) <= rounds:
        try:
            _commit(repository, who, version)
        except VersionTakenError:
            continue
        won.append(version)
    sys.stdout.write(json.dumps(won))


def _head(repository: Repository) -> int:
    try:
        return repository.inventory(RACED).head
    except NotStoredError:
        return 0


def _commit(repository: Repository, who: str, version: int) -> None:
    changes = {path: Content.of_bytes(data) for path, data in state_of(who, version).items()}
    repository.commit(
        RACED,
        version,
        changes,
        message=who,
        user=who,
        address="mailto:racer@example.org",
        created=datetime(2025, 3, 1, tzinfo=UTC),
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
