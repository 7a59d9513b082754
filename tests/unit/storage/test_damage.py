"""Whatever happens to a stored file behind our back, reading it again finds it and names it."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import open_store
from storage.layout import Content, Outcome, Repository

ITEM = "0190b1f2-7c3a-7def-8abc-0123456789ab"

Damage = Callable[[Path, random.Random], None]


def _flip_a_bit(file: Path, chance: random.Random) -> None:
    data = bytearray(file.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)


def _cut(file: Path, chance: random.Random) -> None:
    file.write_bytes(file.read_bytes()[: chance.randrange(file.stat().st_size)])


def _append(file: Path, chance: random.Random) -> None:
    file.write_bytes(file.read_bytes() + chance.randbytes(chance.randrange(1, 9)))


def _blank_a_block(file: Path, chance: random.Random) -> None:
    data = bytearray(file.read_bytes())
    start = chance.randrange(len(data))
    data[start : start + 512] = bytes(len(data[start : start + 512]))
    file.write_bytes(data)


def _delete(file: Path, _chance: random.Random) -> None:
    file.unlink()


def _swap(file: Path, chance: random.Random) -> None:
    """Exchange it with another file of the object."""
    others = [other for other in file.parents[0].rglob("*") if other.is_file() and other != file]
    other = chance.choice(others or [file])
    mine, theirs = file.read_bytes(), other.read_bytes()
    file.write_bytes(theirs + b"\n" * (mine == theirs))
    other.write_bytes(mine)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An object of three versions."""
    repository = Repository(open_store((tmp_path / "store").as_uri()))
    repository.initialise()
    for version in (1, 2, 3):
        changes: dict[str, Content | None] = {
            f"content/{version:04}.tif": Content.of_bytes(random.Random(version).randbytes(5_000)),
            "metadata/item.json": Content.of_bytes(b'{"version": %d}' % version),
        }
        repository.commit(
            ITEM, version, changes, message="made", user="张三", address="urn:a", created=datetime.now(UTC)
        )
    return repository


def _names_it(repository: Repository, relative: str) -> bool:
    """Whether the file is among those that are not ok; of an inventory and its sidecar either may be."""
    bad = {check.path for check in repository.verify(ITEM) if check.outcome is not Outcome.OK}
    return relative.removesuffix(".sha512") in {path.removesuffix(".sha512") for path in bad}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("damage", [_flip_a_bit, _cut, _append, _blank_a_block, _delete, _swap])
def test_any_damage_to_any_file_is_named(repository: Repository, tmp_path: Path, damage: Damage, seed: int) -> None:
    """Each file of the object, in every version, is damaged in turn; each time it is named."""
    chance = random.Random(seed)
    root = next((tmp_path / "store" / "ocfl").glob("*/*/*/v1")).parent
    whole = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    assert len(whole) == 15
    for file, before in whole.items():
        damage(file, chance)
        if not file.exists() or file.read_bytes() != before:
            assert _names_it(repository, file.relative_to(root).as_posix())
        for each, data in whole.items():
            each.write_bytes(data)
    assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}
