"""The media type of a scan, from its first bytes: what a sender called it proves nothing."""

from pathlib import Path

from ingest.sources import PDF_HEAD
from ingest.sources.mail_message import HEAD_BYTES, looks_like_mail

__all__ = ["UNKNOWN", "media_type"]

UNKNOWN = "application/octet-stream"

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"\0\0\0\x0cjP  ", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
)


def media_type(path: Path) -> str:
    """The media type of the file at `path`."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if looks_like_mail(head):
        return "message/rfc822"
    # PDF readers accept what stands before the mark; so does `ingest.sources`.
    if b"%PDF-" in head[:PDF_HEAD]:
        return "application/pdf"
    return next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), UNKNOWN)
