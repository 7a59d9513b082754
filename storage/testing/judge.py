"""Lets another program judge what we store: the whole repository is copied into a folder and validated by ocfl-py."""

import shutil
from pathlib import Path

from storage.interface import ObjectStore
from storage.object_paths import OCFL

__all__ = ["assert_valid_repository"]

#: our identifiers are those of the database, not URIs, as OCFL would rather have them
_KNOWN_WARNINGS = frozenset({"[W005]"})


def assert_valid_repository(store: ObjectStore, folder: Path) -> None:
    """Fail, with the judge's words, unless the repository in `store` is valid OCFL 1.1; `folder` must not exist."""
    import ocfl

    _export(store, folder)
    root = ocfl.StorageRoot(root=str(folder / OCFL))
    sound = root.validate(log_warnings=True, log_errors=True)
    complaints = [line for _, said in root.errors for line in said.splitlines()]
    complaints = [line for line in complaints if not any(code in line for code in _KNOWN_WARNINGS)]
    assert complaints == []
    assert sound
    assert root.good_objects == root.num_objects


def _export(store: ObjectStore, folder: Path) -> None:
    for stored in store.list(OCFL):
        file = folder / stored.key
        file.parent.mkdir(parents=True, exist_ok=True)
        with store.open(stored.key) as source, file.open("wb") as target:
            shutil.copyfileobj(source, target)
