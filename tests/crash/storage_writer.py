"""What crash tests kill: commits one version of one object, as `python -m tests.crash.storage_writer URL VERSION`."""

import resource
import sys
from datetime import UTC, datetime

from storage import open_store
from storage.inventory import Inventory
from storage.layout import Content, Repository

__all__ = ["ITEM", "STATES", "commit"]

ITEM = "0190b1f2-7c3a-7def-8abc-0123456789ab"

#: what the object holds after each version
STATES: dict[int, dict[str, bytes]] = {
    1: {"original/0001.tif": b"scan " * 20_000, "original/0002.tif": b"other" * 20_000, "metadata.json": b"{}"},
    2: {"original/0001.tif": b"scan " * 20_000, "metadata.json": b'{"code": "A-2025-0001"}', "pages.jsonl": b"[]\n"},
}


def commit(repository: Repository, version: int) -> Inventory:
    """Bring the object from the state before to that of `version`."""
    before = STATES.get(version - 1, {})
    changes: dict[str, Content | None] = {path: None for path in before if path not in STATES[version]}
    for path, data in STATES[version].items():
        if before.get(path) != data:
            changes[path] = Content.of_bytes(data)
    return repository.commit(
        ITEM,
        version,
        changes,
        message=f"version {version}",
        user="张三",
        address="mailto:zhangsan@example.org",
        created=datetime(2025, 3, version, tzinfo=UTC),
    )


def main(url: str, version: int, file_limit: int | None) -> None:
    """Commit, with files of at most `file_limit` bytes, as on a disk without room for more."""
    repository = Repository(open_store(url))
    if file_limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    commit(repository, version)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
