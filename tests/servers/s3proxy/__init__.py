"""A second, quite different S3 server over a temporary folder: S3Proxy, without versions and locks."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from uuid import uuid4

from tests.servers.process import ServerMissingError, cache_folder, free_port, program, running
from tests.servers.s3 import S3Server

__all__ = ["s3proxy"]

_HERE = Path(__file__).parent
_VERSION = "4.1.0"
_FRUGAL = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@contextmanager
def s3proxy() -> Iterator[S3Server]:
    """A running server, empty at first. Raises ServerMissingError."""
    jars = cache_folder() / f"s3proxy-{_VERSION}"
    if not jars.is_dir():
        raise ServerMissingError(f"S3Proxy is not in {jars}; `make servers` fetches it")
    with tempfile.TemporaryDirectory(prefix="danggui-s3proxy-") as name:
        folder = Path(name)
        server = S3Server(f"http://127.0.0.1:{free_port()}", "danggui-test", uuid4().hex, folder / "data")
        server.data.mkdir()
        (folder / "s3proxy.conf").write_text(_settings(server))
        command: list[str | Path] = [program("java"), *_FRUGAL, f"-Dlogback.configurationFile={_HERE / 'logback.xml'}"]
        command += ["-cp", f"{jars}/*", "org.gaul.s3proxy.Main", "--properties", folder / "s3proxy.conf"]
        with running(command, ready=lambda: _answers(server), log=folder / "server.log"):
            yield server


def _settings(server: S3Server) -> str:
    return "\n".join(
        (
            f"s3proxy.endpoint={server.endpoint}",
            "s3proxy.authorization=aws-v4",
            f"s3proxy.identity={server.access_key}",
            f"s3proxy.credential={server.secret_key}",
            "jclouds.provider=filesystem-nio2",
            f"jclouds.filesystem.basedir={server.data}",
            "",
        )
    )


def _answers(server: S3Server) -> bool:
    try:
        urlopen(server.endpoint, timeout=2).close()
    except HTTPError as refusal:
        refusal.close()
        return True  # it knows nobody without credentials
    except (URLError, ConnectionError, TimeoutError):
        return False
    return True
