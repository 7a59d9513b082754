"""One interface to files that hold scanned pages."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.context import Line

__all__ = ["MAX_PIXELS", "WORKING_PIXELS", "Source"]

#: Pages that declare more are refused before they are decoded. An A0 drawing at 300 dpi has 140 million; what lies far
#: above is a mistake or a decompression bomb, and would need more memory than a worker has.
MAX_PIXELS = 180_000_000
#: Larger pages are reduced to this when they are opened: A4 at 600 dpi, A3 at 400. 120 MB a page.
WORKING_PIXELS = 40_000_000


class Source(ABC):
    """An opened file of one or more pages, numbered from 1. A context manager: the file is closed at its end.

    `image` and `jpeg` raise IndexError for a page that it does not have.
    """

    #: how many pages it has, at least 1
    page_count: int

    @abstractmethod
    def image(self, number: int) -> tuple[NDArray[np.uint8], int]:
        """Page `number` as RGB of shape (height, width, 3), as its file says it is to be shown, and its dpi.

        The dpi is 0 if unknown. Raises UnreadableSourceError (TooLargeError before anything is decoded).
        """

    @abstractmethod
    def jpeg(self, number: int) -> bytes | None:
        """The page as the very JPEG it is kept in: what `image` shows, maybe finer. None if it is not kept so."""

    def lines(self, number: int) -> tuple[Line, ...] | None:
        """The text that the file itself holds for page `number`, as lines in the pixels of `image`.

        None where there is none to rely on: the page has to be recognised.
        """
        self._index(number)
        return None

    @abstractmethod
    def close(self) -> None:
        """Lets go of the file."""

    def _index(self, number: int) -> int:
        """Where page `number` stands when one counts from 0. Raises IndexError."""
        if not 1 <= number <= self.page_count:
            raise IndexError(f"page {number} of {self.page_count}")
        return number - 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
