"""With which key an OCFL object is sealed, as the headers of its files say; no key is needed to ask."""

from storage.encryption.sealing import HEADER_SIZE, Header, looks_sealed
from storage.errors import LayoutError, NotStoredError, SealBrokenError, StoreUnavailableError
from storage.interface import ObjectStore
from storage.object_files import read_head
from storage.object_paths import ObjectPaths, version_of

__all__ = ["sealing_key"]


def sealing_key(store: ObjectStore, object_id: str) -> bytes | None:
    """Id of the key that sealed what came last into an object; None if that is plain, or nothing of it can be read."""
    paths = ObjectPaths.of(object_id)
    try:
        contents = read_head(store, paths).manifest.values()
    except (NotStoredError, LayoutError):
        return None
    newest = max(map(version_of, contents), default=0)
    for path in sorted(contents):
        if version_of(path) == newest:
            try:
                with store.open(paths.root + path) as stream:
                    beginning = stream.read(HEADER_SIZE)
                return Header.unpack(beginning).key_id if looks_sealed(beginning) else None
            except StoreUnavailableError:
                raise
            except (NotStoredError, SealBrokenError, OSError):
                continue  # damage, of which fixity tells; the next file knows as well
    return None
