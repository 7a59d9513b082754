"""Buckets are tried out beside the work that begins, also when they are away at first."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archive.platform.parts import Location, open_parts
from archive.platform.probing import probe_buckets
from archive.settings import Settings
from tests.servers.doorway import doorway
from tests.servers.s3 import S3Bucket

_PATIENCE_SECONDS = 30.0


def reached(state: Callable[[], bool]) -> bool:
    """Whether it comes about before long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not state() and time.monotonic() < deadline:
        time.sleep(0.02)
    return state()


@pytest.mark.servers
def test_a_bucket_away_at_first_is_tried_out_later(s3_bucket: S3Bucket, tmp_path: Path) -> None:
    """A bucket that is away does not hold up the start; when it is back, what it offers is found out."""
    bucket = s3_bucket.server.create_bucket(object_lock=True)
    with doorway(bucket.server.endpoint) as door:
        url = bucket.url.replace(bucket.server.endpoint, door.url)
        settings = replace(Settings.load(tmp_path / "archive", environment={}), storage=url)
        with open_parts(settings) as parts:
            door.shut()
            probe_buckets(parts)
            place = parts.stores[Location.PRIMARY]
            assert place.locks() is None
            door.open()
            assert reached(lambda: place.locks() is not None)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A disk that is not mounted gets no folder in its place."""
    second = tmp_path / "mount" / "second"
    settings = Settings.load(tmp_path / "archive", environment={})
    with open_parts(replace(settings, second_storage=second.as_uri())) as parts:
        probe_buckets(parts)
        assert not second.parent.exists()
