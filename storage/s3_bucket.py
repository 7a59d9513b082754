"""Our part of a bucket: the client, the bucket's name, and the prefix under which our keys lie in it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader

from storage.keys import check_key
from storage.s3_address import S3Address
from storage.s3_answers import ask_again_when_cut
from storage.s3_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["S3Bucket"]

#: knows the service's description once it was read, which takes longer than all the rest of making a client
_DESCRIPTIONS = create_loader()


@dataclass(frozen=True, slots=True)
class S3Bucket:
    """What every request needs to know; safe to share between threads."""

    client: "S3Client"
    url: str
    name: str
    prefix: str

    @classmethod
    def at(cls, address: S3Address) -> "S3Bucket":
        """The bucket that an address names, without touching it yet."""
        return cls(_client(address), address.url, address.bucket, address.prefix)

    def full(self, key: str) -> str:
        """One of our keys as the bucket knows it. Raises InvalidKeyError."""
        return self.prefix + check_key(key)

    def errors(self, key: str) -> AbstractContextManager[None]:
        """Within it our errors are raised instead of the client library's, about `key`."""
        return named_errors(self.url, key)


def _client(address: S3Address) -> "S3Client":
    """A client that is safe to share between threads, and tries again with growing pauses.

    Checksums only where we ask: sent as trailers, which is the library's default, they break conditional puts on some
    servers and all puts on others.
    """
    config = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": 4},
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=32,
    )
    client = _session().client("s3", endpoint_url=address.endpoint, region_name=address.region, config=config)
    ask_again_when_cut(client)
    return client


def _session() -> boto3.session.Session:
    """A session of its own for each client, since it keeps the credentials that it first finds."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _DESCRIPTIONS)
    return boto3.session.Session(botocore_session=session)
