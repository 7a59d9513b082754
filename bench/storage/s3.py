"""Writing into a bucket: originals of 1 MiB by us and by the bare client, onto the same server in the same run."""

import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from bench.figures import Figure, medians
from bench.storage.items import commit_item
from storage import open_store
from storage.interface import ObjectStore
from storage.layout import Content, Repository
from tests.servers.s3 import S3Bucket, versitygw

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["figures"]

_MEBIBYTE = 1024 * 1024
_FILES = 20
_ROUNDS = 7
_AT_ONCE = 4  # as many as a commit sends
_GOAL = ">= 0.8"


def figures(_folder: Path) -> Iterator[Figure]:
    """Seconds for 20 originals, as MiB/s; the server has a folder of its own."""
    originals = [os.urandom(_MEBIBYTE) for _ in range(_FILES)]
    with versitygw() as server:
        os.environ.update(server.environment)
        bucket = server.create_bucket()
        runs = _Runs(bucket, originals)
        taken = medians(
            {"put": runs.put, "commit": runs.commit, "put_object": runs.bare, "upload_fileobj": runs.managed}, _ROUNDS
        )
    for ours, what in (("put", "put"), ("commit", "commit of one item")):
        for peer in ("put_object", "upload_fileobj"):
            yield Figure(
                f"bucket: {what}, {_FILES} x 1 MiB",
                _speed(taken[ours]),
                f"{_speed(taken[peer])} boto3 {peer}",
                taken[peer] / taken[ours],
                _GOAL,
            )


def _speed(seconds: float) -> str:
    return f"{_FILES / seconds:.0f} MiB/s"


class _Runs:
    """The same originals, each time under new names."""

    def __init__(self, bucket: S3Bucket, originals: list[bytes]) -> None:
        self._bucket, self._originals, self._turn = bucket, originals, count()
        self._store: ObjectStore = open_store(bucket.url)
        self._store.probe()
        self._repository = Repository(self._store)
        self._repository.initialise()
        self._digests = [sha256(data).hexdigest() for data in originals]
        self._client: S3Client = boto3.client(
            "s3",
            endpoint_url=bucket.server.endpoint,
            config=Config(s3={"addressing_style": "path"}, max_pool_connections=32),
        )

    def put(self) -> None:
        """ObjectStore.put, which computes the digest of what passes and has the server check it."""
        self._each(lambda name, data, digest: self._store.put(name, io.BytesIO(data), sha256=digest))

    def commit(self) -> None:
        """Repository.commit: both digests of every file, the inventory, its copies and sidecars."""
        changes = {
            f"original/{number:04}.tif": Content(data, digest, len(data))
            for number, (data, digest) in enumerate(zip(self._originals, self._digests, strict=True))
        }
        commit_item(self._repository, f"item-{next(self._turn)}", changes)

    def bare(self) -> None:
        """One request a file, as the library makes it."""
        self._each(lambda name, data, _: self._client.put_object(Bucket=self._bucket.name, Key=name, Body=data))

    def managed(self) -> None:
        """The library's managed upload."""
        self._each(lambda name, data, _: self._client.upload_fileobj(io.BytesIO(data), self._bucket.name, name))

    def _each(self, send: Callable[[str, bytes, str], object]) -> None:
        turn = next(self._turn)
        names = [f"bench/{turn}/{number:04}.tif" for number in range(_FILES)]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(send, names, self._originals, self._digests))
