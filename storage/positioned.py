"""A raw stream that knows its size and where it is read next; nothing is read before it is asked for."""

import io

__all__ = ["PositionedRaw"]


class PositionedRaw(io.RawIOBase):
    """Who derives from it sets `_size` and `_position`, in bytes, and reads from there."""

    _size: int
    _position: int

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The byte that is read next."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move; raises ValueError before the start."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("cannot seek before the start")
        self._position = start + offset
        return self._position
