"""Keys are made and rotated by processes that die or race: all stays readable, and it goes on where it stopped."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.cli.init import initialise
from archive.cli.keys import rotate_keys
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.parts import Location, Parts, open_parts
from archive.settings import Settings
from storage import open_store
from storage.encryption.cipher import Cipher
from storage.encryption.data_keys import masters_in_use
from storage.encryption.key_file import KeyFile
from storage.encryption.store import EncryptedStore
from storage.layout import Content, Repository
from storage.testing.home import put
from storage.testing.repository import NOTE

ROOT = Path(__file__).parents[2]
ITEMS = [f"item-{number}" for number in range(6)]

#: places in a rotation of two stores with seven keys each
PLACES = ["keys.prepared", "keys.switched", "keys.rewrapped:3", "keys.rewrapped:9"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The settings of an encrypted archive with a second store."""
    keys = KeyFile.create(tmp_path / "danggui.keys").path
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DANGGUI_")}
    return {
        **ours,
        "DANGGUI_FOLDER": str(tmp_path / "archive"),
        "DANGGUI_SECOND_STORAGE": (tmp_path / "second").as_uri(),
        "DANGGUI_KEYS": keys.as_uri(),
    }


def _rotate(environment: dict[str, str], fault: str) -> int:
    """Rotate in a process of its own; returns its exit code, negative if it was killed."""
    command = [sys.executable, "-m", "archive.cli", "keys", "rotate"]
    killed = {**environment, "DANGGUI_FAULT": fault}
    return subprocess.run(command, env=killed, cwd=ROOT, capture_output=True, check=False, timeout=120).returncode


def _fill(parts: Parts) -> None:
    """Some items, sealed, and the same in the second store."""
    for item in ITEMS:
        parts.repository.commit(item, 1, {"a": Content.of_bytes(item.encode())}, **NOTE)
    put(parts.store, "intake/a", b"words")
    first, second = (parts.stores[location] for location in Location)
    for stored in first.list("keys/"):
        put(second, stored.key, first.read(stored.key))


def _assert_readable(settings: Settings) -> None:
    with open_parts(settings) as parts:
        assert [parts.repository.read(item, "a") for item in ITEMS] == [item.encode() for item in ITEMS]
        assert parts.store.read("intake/a") == b"words"


def _assert_rotated(parts: Parts, master: str) -> None:
    """One master key wraps everything, in both stores by the same bytes."""
    for store in parts.stores.values():
        assert Counter(name for _, name in masters_in_use(store)) == {master: len(ITEMS) + 1}
    first, second = (parts.stores[location] for location in Location)
    assert all(first.read(stored.key) == second.read(stored.key) for stored in first.list("keys/"))


def test_a_killed_rotation_goes_on(environment: dict[str, str]) -> None:
    """Killed anywhere, everything is readable; called again, it ends with one new master key for all and one entry."""
    settings = Settings.load(environment=environment)
    key_file = KeyFile(settings.key_file or Path())
    settings.folder.mkdir()
    with open_parts(settings) as parts:
        initialise(parts)
        _fill(parts)
        for fault in PLACES:
            before = key_file.names
            assert _rotate(environment, fault) == -signal.SIGKILL
            _assert_readable(settings)
            rotate_keys(parts, key_file)
            assert key_file.names == [*before, key_file.current]
            _assert_rotated(parts, key_file.current)
            _assert_readable(settings)
        with parts.database.reading() as session:
            rotated = select(AuditEntry.subject_id).where(AuditEntry.action == AuditAction.KEYS_ROTATED.value)
            assert list(session.scalars(rotated)) == key_file.names[1:]


def test_many_first_writers_agree_on_the_keys(tmp_path: Path) -> None:
    """Processes that encrypt the first bytes of a store, and one item, at the same moment use the same keys."""
    keys = KeyFile.create(tmp_path / "danggui.keys").path
    url = (tmp_path / "store").as_uri()
    place = open_store(url)
    Repository(place).initialise()
    command = [sys.executable, "-m", "tests.crash.encryption_process", url, str(keys), ITEMS[0]]
    writers = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    cipher = Cipher(place, KeyFile(keys))
    expected = f"{url} {ITEMS[0]}".encode()
    assert Repository(place, cipher).read(ITEMS[0], "a") == expected
    assert EncryptedStore(place, cipher).read(f"intake/{ITEMS[0]}") == expected


@pytest.mark.parametrize("fault", ["filesystem.published:1", "filesystem.published:2", "filesystem.published:4"])
def test_a_writer_killed_after_making_a_key(tmp_path: Path, fault: str) -> None:
    """Who dies with his key in the store and nothing sealed yet leaves a store that the next one goes on with."""
    keys = KeyFile.create(tmp_path / "danggui.keys").path
    url = (tmp_path / "store").as_uri()
    place = open_store(url)
    Repository(place).initialise()
    command = [sys.executable, "-m", "tests.crash.encryption_process", url, str(keys), ITEMS[0]]
    killed = subprocess.run(command, cwd=ROOT, env={**os.environ, "DANGGUI_FAULT": fault}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    expected = f"{url} {ITEMS[0]}".encode()
    assert Repository(place, Cipher(place, KeyFile(keys))).read(ITEMS[0], "a") == expected
