"""Keeps bytes: one object-store interface, a folder or a bucket behind it, and the OCFL layout on top. Knows nobody."""

from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from storage.errors import StoreUrlError
from storage.interface import ObjectStore

__all__ = ["open_store"]


def open_store(url: str) -> ObjectStore:
    """The store that a URL names, without touching it yet.

    `file:///absolute/folder`, or `s3://bucket/prefix?endpoint=http://127.0.0.1:7070&region=us-east-1` with the
    credentials in the usual AWS environment variables. Raises StoreUrlError.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _open_folder(url, parts)
    if parts.scheme == "s3":
        return _open_bucket(url)
    raise StoreUrlError(f"'{url}' names no store: it must begin with file:/// or s3://")


def _open_folder(url: str, parts: SplitResult) -> ObjectStore:
    from storage.filesystem import FilesystemStore

    folder = Path(unquote(parts.path))
    if parts.netloc or parts.query or parts.fragment or not folder.is_absolute() or ".." in folder.parts:
        raise StoreUrlError(
            f"'{url}' names no folder: it must be file:// and an absolute path, as in file:///srv/archive"
        )
    return FilesystemStore(folder)


def _open_bucket(url: str) -> ObjectStore:
    try:
        import boto3  # noqa: F401 - only to say early what is missing
    except ImportError as error:
        raise StoreUrlError("a bucket needs boto3: pip install danggui[s3]") from error
    from storage.s3 import S3Store
    from storage.s3_address import S3Address

    return S3Store(S3Address.of_url(url))
