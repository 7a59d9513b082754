"""Writes the objects of a PDF file one by one, straight to where they go: memory does not grow with the pages."""

import hashlib
import zlib
from typing import BinaryIO

__all__ = ["PdfFile"]


class PdfFile:
    """A PDF 1.7 being written. Objects are referred to by number, which may be reserved before the object is known."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._length = 0
        self._digest = hashlib.sha256()
        self._offsets: dict[int, int] = {}
        self._last = 0
        # the second line tells programs that move files that this one is binary
        self._put(b"%PDF-1.7\n%\xe5\xbd\x92\xe6\xa1\xa3\n")

    def reserve(self) -> int:
        """A number for an object that is written later."""
        self._last += 1
        return self._last

    def add(self, body: str, number: int = 0) -> int:
        """Writes an object, under a reserved number if given; returns its number."""
        return self._object(body.encode("ascii"), number)

    def add_stream(self, data: bytes, entries: str = "", number: int = 0) -> int:
        """Writes a stream as it is; `entries` are those of its dictionary besides the length."""
        head = f"<< /Length {len(data)} {entries} >>\nstream\n".encode("ascii")
        return self._object(head + data + b"\nendstream", number)

    def add_packed(self, data: bytes, entries: str = "", number: int = 0) -> int:
        """Writes a stream compressed without loss."""
        return self.add_stream(zlib.compress(data, 9), f"/Filter /FlateDecode {entries}", number)

    def finish(self, root: int) -> None:
        """Writes the table of objects and the trailer; `root` is the number of the catalogue."""
        start = self._length
        rows = [f"{self._offsets[number]:010} 00000 n \n" for number in range(1, self._last + 1)]
        self._put(f"xref\n0 {self._last + 1}\n0000000000 65535 f \n{''.join(rows)}".encode("ascii"))
        name = self._digest.hexdigest()[:32]
        trailer = f"trailer\n<< /Size {self._last + 1} /Root {root} 0 R /ID [<{name}> <{name}>] >>\n"
        self._put(f"{trailer}startxref\n{start}\n%%EOF\n".encode("ascii"))

    def _object(self, body: bytes, number: int) -> int:
        number = number or self.reserve()
        self._offsets[number] = self._length
        self._put(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._length += len(data)
