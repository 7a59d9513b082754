"""A real S3 server over a temporary folder: versitygw, with versions and object lock."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import boto3
from botocore.config import Config

from tests.servers.process import cache_folder, free_port, program, running

__all__ = ["REGION", "S3Bucket", "S3Server", "versitygw", "versitygw_folder", "versitygw_running"]

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where the server is, who may enter, and the folder in which it keeps each object as a file."""

    endpoint: str
    access_key: str
    secret_key: str
    data: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables through which any S3 client finds its credentials."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": REGION,
        }

    def create_bucket(self, *, object_lock: bool = False) -> "S3Bucket":
        """A new, empty bucket under a name nobody else has."""
        name = f"test-{uuid4().hex}"
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}),
        )
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=object_lock)
        return S3Bucket(self, name)


@dataclass(frozen=True, slots=True)
class S3Bucket:
    """One bucket on that server."""

    server: S3Server
    name: str

    def file(self, key: str) -> Path:
        """The file in which the server keeps an object."""
        return self.server.data / self.name / key

    @property
    def url(self) -> str:
        """What `DANGGUI_STORAGE` is set to in order to use it."""
        return f"s3://{self.name}?endpoint={self.server.endpoint}"


@contextmanager
def versitygw() -> Iterator[S3Server]:
    """A running server, empty at first. Raises ServerMissingError."""
    with versitygw_folder() as server, versitygw_running(server):
        yield server


@contextmanager
def versitygw_folder(address: str = "127.0.0.1") -> Iterator[S3Server]:
    """Folders of a server that does not run yet, at this machine's `address`."""
    with tempfile.TemporaryDirectory(prefix="danggui-s3-") as name:
        folder = Path(name)
        for part in ("data", "versions"):
            (folder / part).mkdir()
        yield S3Server(f"http://{address}:{free_port(address)}", "danggui-test", uuid4().hex, folder / "data")


@contextmanager
def versitygw_running(server: S3Server) -> Iterator[subprocess.Popen[bytes]]:
    """The server runs until the block ends, with whatever its folders hold. Raises ServerMissingError."""
    with running(
        _command(server),
        ready=lambda: _healthy(server),
        log=server.data.parent / "server.log",
        environment={"ROOT_ACCESS_KEY": server.access_key, "ROOT_SECRET_KEY": server.secret_key},
    ) as process:
        yield process


def _command(server: S3Server) -> list[str | Path]:
    address = server.endpoint.removeprefix("http://")
    gateway = program("versitygw", cache_folder() / "bin")
    common: list[str | Path] = [gateway, "--port", address, "--region", REGION]
    common += ["--health", "/health", "--keep-alive", "--quiet"]
    return [*common, "posix", "--versioning-dir", server.data.parent / "versions", server.data]


def _healthy(server: S3Server) -> bool:
    try:
        with urlopen(f"{server.endpoint}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False
