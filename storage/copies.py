"""The same object in two stores: copied from one to the other, and mended in one from the other.

Both work on the bytes as they lie and need no key to them. Content goes first, then the inventory of each version with
its sidecar, then the root's copies and the declaration: an object that is copied for the first time shows only when it
is whole, and one that grew stays what it was until its newest version is. Every file appears whole or not at all, so
whatever was begun when a process died is finished by doing it again; where the copy has become the archive meanwhile,
recovery takes back what was begun, as after any commit. (`copies.content` and so on are where crash tests kill.)
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from storage.errors import (
    AlreadyStoredError,
    ChecksumMismatchError,
    DamagedError,
    LayoutError,
    NotStoredError,
    StoreUnavailableError,
)
from storage.faults import fault_point
from storage.fixity import sha256_of
from storage.interface import ObjectStore, StoredObject
from storage.inventory import Inventory, sidecar_of
from storage.object_files import OBJECT_DECLARATION, delete_all, read_version
from storage.object_paths import DECLARATION, INVENTORY, SIDECAR, ObjectPaths, version_of
from storage.parallel import in_parallel
from storage.verification import Outcome

__all__ = ["COPY_FAULTS", "Repair", "copy_file", "copy_object", "copy_prefix", "repair_object"]

#: every place at which crash tests kill a copy or a repair: a content file, a small file, all of them is written
COPY_FAULTS = ("copies.content", "copies.small", "copies.finished")

#: how it shows that bytes cannot be had: gone, other ones, a bad sector (which the target may take for its own)
_UNREADABLE = (NotStoredError, ChecksumMismatchError, StoreUnavailableError, OSError)


# --- copying ---


def copy_object(source: ObjectStore, target: ObjectStore, object_id: str) -> int:
    """Bring the target's copy to the newest version committed in the source; returns the bytes that were sent.

    Only what is missing there, or of another size, is sent; a copy that is up to date costs three listings and a few
    small reads. What is sent is compared with the inventory's SHA-256 while it passes.
    Raises NotStoredError (the source has no such object), DamagedError (files of the source are not what was stored:
    they are named and not copied, and the version is not shown), LayoutError (the target holds another history of the
    object, which stays), StoreFullError, StoreUnavailableError.
    """
    paths = ObjectPaths.of(object_id)
    there, here = _sizes(source, paths), _sizes(target, paths)
    data, head = _committed_head(source, paths, there)
    _expect_beginning(source, target, paths, head)
    if any(here.get(path) != size for path, size in there.items() if version_of(path) <= head.head):
        target.replace(paths.begun(head.head), io.BytesIO(), sha256=hashlib.sha256().hexdigest())
    contents = _contents(head)
    missing = [path for path in sorted(contents) if path not in here or here[path] != there.get(path)]

    def send(path: str) -> int | None:
        return _send(source, target, paths.root + path, contents[path], new=path not in here)

    sent = list(in_parallel(send, missing))
    if damaged := [path for path, size in zip(missing, sent, strict=True) if size is None]:
        raise DamagedError(object_id, damaged, f"{source.url} cannot be copied from")
    for number in range(1, head.head):
        names = (f"v{number}/{INVENTORY}", f"v{number}/{SIDECAR}")
        if any(name not in here or here[name] != there.get(name) for name in names):
            _bring(target, paths, _version_files(number, _sound_version(source, paths, number)[0]))
    _bring(target, paths, _version_files(head.head, data))
    _bring(target, paths, _root_files(data))
    fault_point("copies.finished")
    delete_all(target, paths.staging)
    return sum(size or 0 for size in sent)


def _sizes(store: ObjectStore, paths: ObjectPaths) -> dict[str, int]:
    """What lies in the object's root, by path relative to it."""
    return {stored.key.removeprefix(paths.root): stored.size for stored in store.list(paths.root)}


def _contents(inventory: Inventory) -> dict[str, str]:
    """Every content path of the object with its SHA-256."""
    return {path: inventory.sha256[digest] for digest, path in inventory.manifest.items()}


def _committed_head(source: ObjectStore, paths: ObjectPaths, there: Iterable[str]) -> tuple[bytes, Inventory]:
    """The newest version of which inventory and sidecar are there; one without its sidecar is being committed now."""
    finished = [version_of(path) for path in there if path.endswith(f"/{SIDECAR}") and version_of(path)]
    if not finished:
        raise NotStoredError(paths.object_id)
    return _sound_version(source, paths, max(finished))


def _sound_version(source: ObjectStore, paths: ObjectPaths, number: int) -> tuple[bytes, Inventory]:
    """The inventory of one version, as bytes and understood, if its sidecar vouches for it. Raises DamagedError."""
    path = f"v{number}/{INVENTORY}"
    try:
        data, inventory = read_version(source, paths, number)
        vouched = source.read(paths.version_sidecar(number)) == sidecar_of(data)
    except (NotStoredError, LayoutError) as error:
        raise DamagedError(paths.object_id, [path], f"{source.url} cannot be copied from") from error
    if not vouched:
        raise DamagedError(paths.object_id, [path], f"{source.url} cannot be copied from")
    return data, inventory


def _expect_beginning(source: ObjectStore, target: ObjectStore, paths: ObjectPaths, head: Inventory) -> None:
    """What the target knows must be a beginning of what is copied; its root's inventory, if damaged, says nothing."""
    try:
        known = Inventory.of_json(target.read(paths.inventory))
    except (NotStoredError, LayoutError):
        return
    if known.object_id != head.object_id or known.versions != head.versions[: known.head]:
        raise LayoutError(
            f"{target.url} holds a v{known.head} of {paths.object_id} that {source.url} does not have: another history"
            " of the object, which was not overwritten"
        )


def _send(source: ObjectStore, target: ObjectStore, key: str, sha256: str, *, new: bool) -> int | None:
    """Bytes sent, 0 when the target has them; None when neither has. Raises LayoutError when the target has others."""
    try:
        with source.open(key) as stream:
            stored = (target.put if new else target.replace)(key, stream, sha256=sha256)
    except AlreadyStoredError:
        if _look(target, key, sha256) is not Outcome.OK:
            raise LayoutError(f"{target.url} holds other bytes under {key}; nothing was copied over them") from None
        return 0
    except _UNREADABLE:
        if _look(source, key, sha256) is Outcome.OK:  # not the bytes but their way was bad
            raise
        return 0 if _look(target, key, sha256) is Outcome.OK else None
    fault_point("copies.content")
    return stored.size


def _look(store: ObjectStore, key: str, sha256: str) -> Outcome:
    """Read a file and compare it with its digest."""
    try:
        with store.open(key) as stream:
            return Outcome.OK if sha256_of(stream) == sha256 else Outcome.DAMAGED
    except NotStoredError:
        return Outcome.MISSING
    except OSError:  # a sector that cannot be read
        return Outcome.DAMAGED


def _version_files(number: int, data: bytes) -> dict[str, bytes]:
    return {f"v{number}/{INVENTORY}": data, f"v{number}/{SIDECAR}": sidecar_of(data)}


def _root_files(data: bytes) -> dict[str, bytes]:
    return {INVENTORY: data, SIDECAR: sidecar_of(data), DECLARATION: OBJECT_DECLARATION}


def _bring(store: ObjectStore, paths: ObjectPaths, files: Mapping[str, bytes]) -> "list[Repair]":
    """Write, in this order, what is not there as it should be; says what was found instead."""
    repairs = []
    for path, data in files.items():
        key, sha256 = paths.root + path, hashlib.sha256(data).hexdigest()
        found = _look(store, key, sha256)
        if found is not Outcome.OK:
            store.replace(key, io.BytesIO(data), sha256=sha256)
            fault_point("copies.small")
            repairs.append(Repair(path, found, mended=True))
    return repairs


# --- what lies beside the objects ---


def copy_prefix(source: ObjectStore, target: ObjectStore, prefix: str) -> list[str]:
    """Copy every object under `prefix` that the target lacks; returns their keys. For what is written once.

    Nothing is deleted, nothing overwritten. When all is done, raises LayoutError naming the objects that lie in the
    target with another size. Raises StoreFullError, StoreUnavailableError.
    """
    copied, other = [], []
    for stored, there in _side_by_side(source.list(prefix), target.list(prefix)):
        if there is None:
            with suppress(NotStoredError):  # taken away since it was listed
                copied += [stored.key] if copy_file(source, target, stored.key) else []
        elif there.size != stored.size:
            other.append(stored.key)
    if other:
        raise LayoutError(f"{target.url} holds other bytes than {source.url} under {', '.join(other)}; compare them")
    return copied


def _side_by_side(
    here: Iterator[StoredObject], there: Iterator[StoredObject]
) -> Iterator[tuple[StoredObject, StoredObject | None]]:
    """Each object of the first listing with the one of its key in the second."""
    other = next(there, None)
    for stored in here:
        while other is not None and other.key < stored.key:
            other = next(there, None)
        yield stored, other if other is not None and other.key == stored.key else None


def copy_file(source: ObjectStore, target: ObjectStore, key: str) -> bool:
    """Give the target the same bytes under `key` as the source has; True if they were sent, False if they were there.

    Raises NotStoredError (the source has none), StoreFullError, StoreUnavailableError.
    """
    with source.open(key) as stream:
        sha256 = sha256_of(stream)
    if _look(target, key, sha256) is Outcome.OK:
        return False
    with source.open(key) as stream:
        target.replace(key, stream, sha256=sha256)
    return True


# --- repair ---


@dataclass(frozen=True, slots=True)
class Repair:
    """One file, relative to the object's root, that was not as it should be; left as it is unless `mended`."""

    path: str
    found: Outcome
    mended: bool


def repair_object(
    damaged: ObjectStore, good: ObjectStore, object_id: str, *, renew: Callable[[], None] = lambda: None
) -> list[Repair]:
    """Read one copy of an object and replace each file that is damaged or missing by the bytes of the other copy.

    Bytes are believed when they have the digest that an inventory names, an inventory when its sidecar vouches for it,
    in whichever copy it lies. Files that no inventory knows are named and stay. `renew` is called before each file;
    what it raises ends the repair, which may be done again.
    Raises NotStoredError (neither has the object), DamagedError (names what is good in neither, all else is mended),
    LayoutError (both copies are sound and tell different histories), StoreFullError, StoreUnavailableError.
    """
    paths = ObjectPaths.of(object_id)
    files = _sizes(damaged, paths)
    histories = _Histories(paths, _small_files(damaged, paths, files), _small_files(good, paths, _sizes(good, paths)))
    if not files and histories.empty:
        raise NotStoredError(object_id)

    def content(path: str) -> Repair | None:
        renew()
        return _repair_content(damaged, good, paths.root + path, path, histories.contents[path])

    repairs = [repair for repair in in_parallel(content, sorted(histories.contents)) if repair is not None]
    unvouched = _unvouched(damaged, paths, files, histories.head)
    renew()
    for number, data in sorted(histories.inventories.items()):
        repairs += _bring(damaged, paths, _version_files(number, data))
    if histories.head and not unvouched:  # else what lies at the root may be the last trace of a later version
        repairs += _bring(damaged, paths, _root_files(histories.inventories[histories.head]))
    fault_point("copies.finished")
    lost = [*(repair.path for repair in repairs if not repair.mended), *histories.lost, *unvouched]
    if lost:
        mended = [repair.path for repair in repairs if repair.mended]
        raise DamagedError(object_id, lost, f"whole neither in {damaged.url} nor in {good.url}", mended)
    return [*repairs, *_strangers(files, histories)]


def _repair_content(damaged: ObjectStore, good: ObjectStore, key: str, path: str, sha256: str) -> Repair | None:
    found = _look(damaged, key, sha256)
    if found is Outcome.OK:
        return None
    try:
        with good.open(key) as stream:
            damaged.replace(key, stream, sha256=sha256)
    except _UNREADABLE:
        if _look(good, key, sha256) is Outcome.OK:
            raise
        return Repair(path, found, mended=False)
    fault_point("copies.content")
    return Repair(path, found, mended=True)


def _unvouched(damaged: ObjectStore, paths: ObjectPaths, files: Iterable[str], head: int) -> list[str]:
    """Inventories of versions that came after the newest one known; but what was begun and never committed has none."""
    later = sorted({version_of(path) for path in files if version_of(path) > head})
    begun = (number for number in later if not damaged.exists(paths.begun(number)))
    return [f"v{number}/{INVENTORY}" for number in begun]


def _strangers(files: Iterable[str], histories: "_Histories") -> list[Repair]:
    known = {INVENTORY, SIDECAR, DECLARATION, *histories.contents}
    known |= {f"v{number}/{name}" for number in histories.inventories for name in (INVENTORY, SIDECAR)}
    strange = [path for path in files if path not in known and version_of(path) <= histories.head]
    return [Repair(path, Outcome.DAMAGED, mended=False) for path in strange]


def _small_files(store: ObjectStore, paths: ObjectPaths, files: Iterable[str]) -> dict[str, bytes]:
    """The inventories and sidecars of one copy that can be read, by path relative to the object's root."""
    found = {}
    for path in files:
        if path.rpartition("/")[2] in {INVENTORY, SIDECAR}:
            try:
                found[path] = store.read(paths.root + path)
            except (NotStoredError, OSError):
                continue
    return found


class _Histories:
    """What the inventories of two copies say together."""

    def __init__(self, paths: ObjectPaths, *copies: Mapping[str, bytes]) -> None:
        """Raises LayoutError when both are sound and do not agree."""
        self._paths = paths
        self.empty = not any(copies)
        believed = [entry for copy in copies for entry in self._believed(copy)]
        self.head = max((inventory.head for _, inventory in believed), default=0)
        newest = {data: inventory for data, inventory in believed if inventory.head == self.head}
        if len(newest) > 1:
            raise LayoutError(f"the copies of {paths.object_id} hold two different v{self.head}; nothing was changed")
        versions = next((inventory.versions for inventory in newest.values()), ())
        self.contents = {path: sha256 for inventory in newest.values() for path, sha256 in _contents(inventory).items()}
        #: by version, the bytes of its inventory
        self.inventories = {
            inventory.head: data for data, inventory in believed if inventory.versions == versions[: inventory.head]
        }
        numbers = range(1, self.head + 1) if self.head else [1]
        self.lost = [f"v{number}/{INVENTORY}" for number in numbers if number not in self.inventories]

    def _believed(self, copy: Mapping[str, bytes]) -> Iterable[tuple[bytes, Inventory]]:
        for path, data in copy.items():
            folder, _, name = path.rpartition("/")
            if name != INVENTORY or copy.get(f"{folder}/{SIDECAR}" if folder else SIDECAR) != sidecar_of(data):
                continue
            try:
                inventory = Inventory.of_json(data)
            except LayoutError:
                continue
            if inventory.object_id == self._paths.object_id and version_of(path) in {0, inventory.head}:
                yield data, inventory
