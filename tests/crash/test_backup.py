"""A backup or a restore that is killed goes on when it is called again, and ends as if it had not been."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import bagit
import pytest

from archive.platform.audit.sealer import seal_all
from tests.factories.installation import Installation
from tests.factories.small_archive import SmallArchive, small_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallArchive]:
    """Four filed items, everything sealed."""
    with small_archive(tmp_path_factory.mktemp("archive")) as made:
        seal_all(made.parts)
        yield made


@pytest.fixture(scope="module")
def backup(archive: SmallArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    folder = tmp_path_factory.mktemp("backups") / "whole"
    Installation(archive.parts.settings.folder, {}).run("backup", str(folder))
    return folder


def killed_at(place: str, installation: Installation, *arguments: str) -> None:
    """Run a command that dies by SIGKILL at a fault point."""
    environment = {**installation.environment, "DANGGUI_FAULT": place}
    done = subprocess.run([*installation.command, *arguments], env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done


@pytest.mark.parametrize("place", ["copies.content", "copies.finished:3", "backup.dumped", "backup.copied"])
def test_killed_backup_goes_on(archive: SmallArchive, tmp_path: Path, place: str) -> None:
    """What was begun is no bag; called again it becomes a valid one."""
    installation, folder = Installation(archive.parts.settings.folder, {}), tmp_path / "backup"
    killed_at(place, installation, "backup", str(folder))
    assert not (folder / "tagmanifest-sha256.txt").exists()
    assert installation.ask("backup", str(folder))["objects"] == 4
    assert bagit.Bag(str(folder)).is_valid()


@pytest.mark.parametrize("place", ["filesystem.published:5", "restore.stored", "restore.entered"])
def test_killed_restore_goes_on(archive: SmallArchive, backup: Path, tmp_path: Path, place: str) -> None:
    """Called again it is whole, once: all rows, all objects, searchable; and a third call is refused."""
    installation = Installation(tmp_path / "new", {})
    killed_at(place, installation, "restore", str(backup))
    assert installation.ask("restore", str(backup))["items"] == 4
    assert installation.ask("verify")["damaged"] == []
    assert installation.ask("search", "数控车床", "--as", "archivist")["total"] == 1
    assert "holds an archive already" in failure(installation, "restore", str(backup))


def failure(installation: Installation, *arguments: str) -> str:
    """What a command says that fails."""
    done = subprocess.run(
        [*installation.command, *arguments], env=installation.environment, capture_output=True, check=False, text=True
    )
    assert done.returncode == 1
    return done.stderr
