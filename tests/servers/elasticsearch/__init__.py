"""A real Elasticsearch node over a temporary folder. Its jars come once from Maven Central into the cache.

`DANGGUI_TEST_ELASTICSEARCH` names a server to use instead.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.servers.process import ServerMissingError, cache_folder, free_port, program, running

__all__ = ["elasticsearch_server"]

_HERE = Path(__file__).parent
_VERSION = "8.19.0"
_MEMORY = "512m"
_FETCH_SECONDS = 900
_MODULES = "ALL-MODULE-PATH,jdk.net,jdk.management.agent"


@contextmanager
def elasticsearch_server() -> Iterator[str]:
    """The base URL of a running server, without an index at first. Raises ServerMissingError."""
    given = os.environ.get("DANGGUI_TEST_ELASTICSEARCH")
    if given:
        yield given.rstrip("/")
        return
    java, jars = program("java"), _jars()
    with tempfile.TemporaryDirectory(prefix="danggui-es-", ignore_cleanup_errors=True) as name:
        home, url = Path(name), f"http://127.0.0.1:{free_port()}"
        _lay_out(home, jars, url)
        memory = [f"-Xms{_MEMORY}", f"-Xmx{_MEMORY}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        modules: list[str | Path] = ["--module-path", home / "lib", "--add-modules", _MODULES]
        with running(
            [java, *memory, *modules, _HERE / "Launcher.java", home],
            ready=lambda: _answers(url),
            log=home / "server.log",
        ):
            yield url


def _jars() -> Path:
    """The folder with the server's jars, fetched if it is not there yet."""
    kept = cache_folder() / f"elasticsearch-{_VERSION}"
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as name:
        fetched = Path(name) / "jars"
        _fetch(fetched)
        if not kept.is_dir():  # another run may have been quicker
            fetched.rename(kept)
    return kept


def _fetch(folder: Path) -> None:
    command = [program("mvn"), "-q", "-B", "-f", _HERE / "pom.xml", "dependency:copy-dependencies"]
    fetched = subprocess.run(
        [*map(str, command), f"-DoutputDirectory={folder}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_FETCH_SECONDS,
    )
    if fetched.returncode != 0:
        raise ServerMissingError(f"mvn could not fetch Elasticsearch: {fetched.stdout[-2000:]}{fetched.stderr[-2000:]}")


def _lay_out(home: Path, jars: Path, url: str) -> None:
    """The folders the node expects: the network layer is a module of its own, everything else on the module path."""
    network = home / "modules" / "transport-netty4"
    for folder in (home / "lib", network, home / "config", home / "data", home / "logs", home / "plugins"):
        folder.mkdir(parents=True)
    for jar in jars.glob("*.jar"):
        is_network = jar.name.startswith(("transport-netty4", "netty-"))
        (network if is_network else home / "lib").joinpath(jar.name).symlink_to(jar)
    shutil.copy(_HERE / "plugin-descriptor.properties", network)
    (home / "config" / "elasticsearch.yml").write_text(_settings(url))


def _settings(url: str) -> str:
    host, port = url.removeprefix("http://").split(":")
    return "\n".join(
        (
            "cluster.name: danggui-test",
            "node.name: node",
            "discovery.type: single-node",
            f"network.host: {host}",
            f"http.port: {port}",
            f"transport.port: {free_port()}",
            # A disk nearly full says nothing about the tests.
            "cluster.routing.allocation.disk.threshold_enabled: false",
            "",
        )
    )


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/_cluster/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False
