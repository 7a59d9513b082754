"""Files that hold pages: images of one or more, PDF, e-mail. The kind is told by content, never by name."""

from pathlib import Path, PurePath

from ingest.errors import UnreadableSourceError
from ingest.sources.image_file import ImageSource
from ingest.sources.interface import MAX_PIXELS, WORKING_PIXELS, Source
from ingest.sources.mail import MailSource
from ingest.sources.mail_message import HEAD_BYTES, looks_like_mail
from ingest.sources.pdf_file import PdfSource

__all__ = ["MAX_PIXELS", "PDF_HEAD", "WORKING_PIXELS", "Source", "open_source"]

#: how files begin that are opened as images
IMAGES = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"BM",
    b"\0\0\0\x0cjP  ",
    b"\xff\x4f\xff\x51",
)
#: how files begin that are something else altogether: archives and office files, old office files, programs, web pages
OTHERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF", b"{\\rtf", b"<")
#: name endings that promise a scan
PROMISES = frozenset({".pdf", ".jpg", ".jpeg", ".tif", ".tiff", ".png", ".jp2", ".j2k", ".bmp", ".eml"})
#: PDF readers look for the mark in this many first bytes
PDF_HEAD = 1024


def open_source(path: Path, name: str) -> Source:
    """Opens the file at `path`, which its sender called `name`. Raises UnreadableSourceError with a reason."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise UnreadableSourceError("damaged", str(error)) from error
    return _of_kind(path, head, name)


def _open_bytes(data: bytes, name: str, depth: int) -> Source:
    """Opens what is attached to a message, `depth` messages deep."""
    return _of_kind(data, data[:HEAD_BYTES], name, depth)


def _of_kind(file: Path | bytes, head: bytes, name: str, depth: int = 0) -> Source:
    if not head:
        raise UnreadableSourceError("empty", name)
    if looks_like_mail(head):
        return MailSource(file, _open_bytes, depth)
    if b"%PDF-" in head[:PDF_HEAD]:
        return PdfSource(file)
    if head.startswith(IMAGES):
        return ImageSource(file)
    raise UnreadableSourceError(_why_not(head, name), name)


def _why_not(head: bytes, name: str) -> str:
    """Why this is no scan: something else under a scan's name, a scan whose head is broken, or something else."""
    promised = PurePath(name).suffix.lower() in PROMISES
    if head.lstrip().startswith(OTHERS):
        return "misnamed" if promised else "not_supported"
    return "damaged" if promised else "not_supported"
