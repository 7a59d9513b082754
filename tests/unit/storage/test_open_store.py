"""One URL chooses the store; a wrong one is refused in one sentence that names it."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage import open_store
from storage.errors import StoreUrlError
from storage.s3_address import S3Address

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/archive",
        "file:relative",
        "file://host/srv",
        "file:///srv/../etc",
        "file:///srv?x=1",
        "http://host/bucket",
        "s3://",
        "s3:///prefix",
        "s3://bucket/a//b",
        "s3://bucket/../b",
        "s3://bucket?endpoint=127.0.0.1:7070",
        "s3://bucket?endpoint=",
        "s3://bucket?reigon=x",
        "s3://bucket#x",
    ],
)
def test_wrong_urls_are_named(url: str) -> None:
    """A URL that names no store is refused, and the sentence repeats it."""
    with pytest.raises(StoreUrlError) as refused:
        open_store(url)
    assert f"'{url}'" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("url", ["s3://key:secret@bucket", "s3://bucket?endpoint=http://key:secret@host:7070"])
def test_secrets_are_not_repeated(url: str) -> None:
    """A URL with a password in it is refused without the password."""
    with pytest.raises(StoreUrlError) as refused:
        open_store(url)
    assert "secret" not in str(refused.value)
    assert "AWS_SECRET_ACCESS_KEY" in str(refused.value)


def test_a_folder_is_not_touched_by_opening(tmp_path: Path) -> None:
    """Opening a folder makes nothing; its name may have blanks and Chinese in it."""
    folder = tmp_path / "档案 库"
    store = open_store(folder.as_uri())
    assert store.url == folder.as_uri()
    assert list(store.list()) == []
    assert not folder.exists()


def test_a_bucket_address_is_read_whole() -> None:
    """Bucket, prefix, endpoint and region are read, and the URL can be written again."""
    url = "s3://bucket/our/prefix?endpoint=http://127.0.0.1:7070&region=cn-north-1"
    address = S3Address.of_url(url)
    assert address == S3Address("bucket", "our/prefix/", "http://127.0.0.1:7070", "cn-north-1")
    assert address.url == url
    assert S3Address.of_url("s3://bucket/").url == "s3://bucket"


def test_a_folder_needs_no_boto3(tmp_path: Path) -> None:
    """The embedded archive runs without boto3; a bucket then says what to install."""
    program = (
        "import sys; sys.modules['boto3'] = None\n"
        "from storage import open_store\n"
        f"open_store({tmp_path.as_uri()!r}).probe()\n"
        "open_store('s3://bucket')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "StoreUrlError" in ended.stderr
    assert "pip install danggui[s3]" in ended.stderr


def test_an_absent_server_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer is said to be unavailable, and which one it is."""
    from storage.errors import StoreUnavailableError
    from tests.servers.process import free_port

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    url = f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}&region=us-east-1"
    with pytest.raises(StoreUnavailableError) as refused:
        open_store(url).stat("a")
    assert url in str(refused.value)
