"""Plain page images, made from the stored originals and kept in a private, bounded cache.

Nothing here asks the guard or lays a mark: whoever delivers a picture does both.
"""

import os
import shutil
import tempfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Self

from PIL import Image

from archive.catalogue.models import Page
from ingest.sources import open_source
from ingest.steps.orientation import turned
from storage.layout import Repository

__all__ = ["CACHE_BYTES", "THUMBNAIL", "PageSource", "ScanCache", "scans_of"]

#: the cache on disk is cut back to this after every page that is added
CACHE_BYTES = 1024**3
#: decoded pages kept in memory, so that the tiles of a page in view need no second decoding
_PAGES_IN_MEMORY = 4
_QUALITY = 90
#: pixels of the longest side of a page in little, which only shows which page it is
THUMBNAIL = 160
#: two first requests at once still make one cache
_FIRST = Lock()


@dataclass(frozen=True, slots=True)
class PageSource:
    """Where a page comes from: a file of a stored object, the page in it, and how to turn it upright."""

    object_id: str
    path: str
    sha256: str
    name: str
    #: 0-based within the file
    source_page: int
    #: clockwise degrees
    rotation: int

    @classmethod
    def of(cls, page: Page) -> Self:
        """The source of a stored page."""
        file = page.file
        return cls(page.item_id, file.path, file.sha256, file.name, page.source_page, page.rotation)


class ScanCache:
    """Upright pages as images, at most `width` pixels wide. Shared by all requests of a process."""

    def __init__(self, repository: Repository, folder: Path, limit: int = CACHE_BYTES) -> None:
        self._repository = repository
        self._folder = folder
        self._limit = limit
        self._memory: OrderedDict[Path, Image.Image] = OrderedDict()
        self._lock = Lock()
        self._decoding = Lock()

    def page(self, source: PageSource, width: int) -> Image.Image:
        """The page, at most `width` pixels wide; not to be changed by the caller.

        Raises NotStoredError, StoreUnavailableError, UnreadableSourceError.
        """
        path = self._path(source, width)
        with self._lock:
            if path in self._memory:
                self._memory.move_to_end(path)
                return self._memory[path]
        picture = self._from_disk(path) or self._from_original(source, width)
        with self._lock:
            self._memory[path] = picture
            while len(self._memory) > _PAGES_IN_MEMORY:
                self._memory.popitem(last=False)
        return picture

    def thumbnail(self, source: PageSource, width: int) -> Image.Image:
        """The page in little, at most THUMBNAIL a side. `width` is that at which the page itself will be read.

        Raises as `page` does.
        """
        path = self._path(source, THUMBNAIL)
        kept = self._from_disk(path)
        if kept is None:
            kept = self._small(source, self.page(source, width))
        return kept

    def _path(self, source: PageSource, width: int) -> Path:
        return self._folder / "pages" / f"{source.sha256}-{source.source_page}-{source.rotation}-{width}.jpg"

    def _from_disk(self, path: Path) -> Image.Image | None:
        try:
            with Image.open(path) as kept:
                kept.load()
                os.utime(path)
                return kept.copy()
        except FileNotFoundError:
            return None

    def _from_original(self, source: PageSource, width: int) -> Image.Image:
        """Decoded by one request at a time: decoders are not made for threads, and the others find the page kept."""
        path = self._path(source, width)
        with self._decoding:
            kept = self._from_disk(path)
            if kept is not None:
                return kept
            with open_source(self._original(source), source.name) as opened:
                pixels, _dpi = opened.image(source.source_page + 1)
            picture = _plain(Image.fromarray(turned(pixels, source.rotation)), width)
            self._keep(picture, path)
            self._small(source, picture)
            self._cut_back()
        return picture

    def _small(self, source: PageSource, picture: Image.Image) -> Image.Image:
        small = picture.copy()
        small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
        self._keep(small, self._path(source, THUMBNAIL))
        return small

    def _keep(self, picture: Image.Image, path: Path) -> None:
        with _Temporary(path) as temporary:
            picture.save(temporary, "JPEG", quality=_QUALITY)

    def _original(self, source: PageSource) -> Path:
        """A private copy of the original, because page readers need a file that can be sought at will."""
        path = self._folder / "originals" / source.sha256
        if not path.exists():
            stored = self._repository.open(source.object_id, source.path)
            with stored as stream, _Temporary(path) as temporary, temporary.open("wb") as copy:
                shutil.copyfileobj(stream, copy, 1 << 20)
        os.utime(path)
        return path

    def _cut_back(self) -> None:
        """Forget what was not used for longest, until the limit is kept."""
        found = [(file.stat(), file) for file in self._folder.glob("*/*") if not file.name.endswith(".part")]
        total = sum(facts.st_size for facts, _file in found)
        for facts, file in sorted(found, key=lambda entry: entry[0].st_mtime):
            if total <= self._limit:
                return
            file.unlink(missing_ok=True)
            total -= facts.st_size


class _Temporary:
    """A file beside `target` that takes its place when the block ends well, so that no half a file is ever found."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __enter__(self) -> Path:
        self._target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._target.parent, suffix=".part")
        os.close(handle)
        self._path = Path(name)
        return self._path

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self._path.replace(self._target)
        else:
            self._path.unlink(missing_ok=True)


def scans_of(request: Any) -> ScanCache:
    """The one cache of page images of this process."""
    registry = request.registry
    with _FIRST:
        if not hasattr(registry, "danggui_scans"):
            parts = request.parts
            registry.danggui_scans = ScanCache(parts.repository, parts.settings.folder / "cache")
    cache: ScanCache = registry.danggui_scans
    return cache


def _plain(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    return picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS)
