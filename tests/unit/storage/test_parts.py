"""The small parts that every store stands on."""

import io
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import ocfl
import pytest

from storage.errors import ChecksumMismatchError, InvalidKeyError, NotStoredError
from storage.fixity import CHUNK, Digest, DigestReader, Spool, digest_of, sha256_of
from storage.keys import check_prefix
from storage.object_paths import LAYOUT, ObjectPaths

ROOT = Path(__file__).parents[3]
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_digests_are_those_of_the_standard() -> None:
    """The digests of nothing and of `abc` are the published ones."""
    assert sha256_of(io.BytesIO()) == EMPTY_SHA256
    digest = digest_of(io.BytesIO(b"abc"))
    assert digest.sha256.startswith("ba7816bf8f01cfea")
    assert digest.sha512.startswith("ddaf35a193617aba")
    assert digest.size == 3


def test_a_reader_knows_what_passed_through_it() -> None:
    """The digest computed on the way is that of the whole, however it was read, and the source stays open."""
    data = os.urandom(2 * CHUNK + 17)
    source = io.BytesIO(data)
    with DigestReader(source) as reader:
        pieces = [reader.read(5), reader.read(CHUNK), reader.read()]
        assert (reader.sha512, reader.size) == (digest_of(io.BytesIO(data)).sha512, len(data))
    assert b"".join(pieces) == data
    assert not source.closed


def test_a_spool_holds_no_more_than_its_limit() -> None:
    """A spool keeps the beginning of a long stream, or all of a short one, and says which."""
    source = io.BytesIO(b"0123456789")
    with Spool(source, 4) as spool:
        assert (spool.stream.read(), spool.size, spool.whole) == (b"0123", 4, False)
    assert source.read() == b"456789"
    with Spool(io.BytesIO(b"012"), 4) as spool:
        assert (spool.stream.read(), spool.size, spool.whole) == (b"012", 3, True)
        assert spool.sha256.hexdigest() == sha256_of(io.BytesIO(b"012"))


@pytest.mark.parametrize("prefix", ["", "a", "a/", "a/b", ".", "..", "a/.", "0=ocfl"])
def test_prefixes_may_end_anywhere(prefix: str) -> None:
    """Whatever a key can start with is a prefix, even where it would be no key itself."""
    assert check_prefix(prefix) == prefix


def test_object_roots_are_where_the_layout_says() -> None:
    """Our object roots are those that another program finds from the layout's configuration alone."""
    layout = ocfl.layout_registry.get_layout(str(LAYOUT["extensionName"]))
    layout.check_and_set_layout_params(config=dict(LAYOUT))
    for object_id in ("object-01", "0190b1f2-7c3a-7def-8abc-0123456789ab", "A_1", "a" * 100):
        assert ObjectPaths.of(object_id).root == f"ocfl/{layout.identifier_to_path(object_id)}/"


def test_errors_survive_the_way_from_another_process() -> None:
    """An error that is pickled by a worker arrives with its key and its words."""
    for error in (NotStoredError("a/b"), ChecksumMismatchError("a", "4 of 5 bytes"), InvalidKeyError("..")):
        arrived = pickle.loads(pickle.dumps(error))
        assert (type(arrived), str(arrived), arrived.key) == (type(error), str(error), error.key)


@pytest.mark.parametrize(("fault", "passes"), [("here", 0), ("here:1", 0), ("here:3", 2), ("elsewhere", 5), ("", 5)])
def test_a_fault_kills_at_its_place_and_count(fault: str, passes: int) -> None:
    """A named fault kills without warning at the given pass of its place, and nowhere else."""
    program = "from storage.faults import fault_point\nfor n in range(5): fault_point('here'); print(n, flush=True)"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DANGGUI_FAULT": fault},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(ended.stdout.splitlines()) == passes
    assert ended.returncode == (0 if passes == 5 else -signal.SIGKILL)


def test_a_digest_is_a_value() -> None:
    """Two digests of the same bytes are equal and can be counted in a set."""
    assert {digest_of(io.BytesIO(b"x")), digest_of(io.BytesIO(b"x"))} == {digest_of(io.BytesIO(b"x"))}
    assert isinstance(digest_of(io.BytesIO()), Digest)
