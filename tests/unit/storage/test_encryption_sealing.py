"""Sealed bytes: whatever the size and the order of reading, what comes out is what went in, or an error."""

import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.encryption.sealing import (
    CHUNK,
    HEADER_SIZE,
    DataKey,
    Header,
    SealedReader,
    SealingReader,
    looks_sealed,
)
from storage.errors import SealBrokenError
from tests.factories.sealed import opened_by_hand

KEY = DataKey(bytes(range(32)))
_SEALED_CHUNK = CHUNK + 16

unhurried = settings(deadline=None)

#: sizes of plain text: small ones, and those around the ends of the first chunks
sizes = st.one_of(
    st.integers(0, 40),
    st.builds(lambda chunks, more: max(chunks * CHUNK + more, 0), st.integers(1, 4), st.integers(-2, 2)),
)


def plain_of(size: int) -> bytes:
    """Bytes that differ from chunk to chunk."""
    return (hashlib.sha512(str(size).encode()).digest() * (size // 64 + 1))[:size]


def sealed_of(plain: bytes, salt: bytes | None = None, key: DataKey = KEY) -> bytes:
    """Sealed in one go."""
    return io.BufferedReader(SealingReader(io.BytesIO(plain), key, salt)).read()


def opened(sealed: bytes, key: DataKey = KEY) -> SealedReader:
    """For reading."""
    return SealedReader(io.BytesIO(sealed), len(sealed), Header.unpack(sealed[:HEADER_SIZE]), key)


def assert_refused(sealed: bytes, plain: bytes) -> None:
    """Reading gives an error, and before it nothing but a true beginning; never a byte that was not sealed."""
    given_out = bytearray()
    with pytest.raises(SealBrokenError):
        _read_into(given_out, sealed)
    assert plain.startswith(bytes(given_out))


def _read_into(target: bytearray, sealed: bytes) -> None:
    reader = opened(sealed)
    while piece := reader.read(CHUNK):
        target += piece


@unhurried
@given(sizes)
def test_what_is_sealed_is_opened(size: int) -> None:
    """Any size comes back whole, also by a reader that knows only the description; the sizes can be computed."""
    plain = plain_of(size)
    sealed = sealed_of(plain)
    assert opened(sealed).read() == plain
    assert opened_by_hand(sealed, KEY.secret) == plain
    header = Header.unpack(sealed[:HEADER_SIZE])
    assert (header.sealed_size(size), header.plain_size(len(sealed))) == (len(sealed), size)


@unhurried
@given(sizes, st.lists(st.tuples(st.integers(0, 4 * CHUNK), st.integers(0, 2 * CHUNK)), max_size=8))
def test_any_reading_order(size: int, reads: list[tuple[int, int]]) -> None:
    """Whatever is sought and read, in whatever order, is what the plain text has there."""
    plain = plain_of(size)
    stream = io.BufferedReader(opened(sealed_of(plain)))
    for position, length in reads:
        assert stream.seek(position) == position
        assert stream.read(length) == plain[position : position + length]
    assert stream.seek(0, io.SEEK_END) == size
    assert stream.read() == b""


@unhurried
@given(sizes, st.integers(1000, 2 * CHUNK))
def test_sealing_in_pieces_of_any_size(size: int, piece: int) -> None:
    """However much is asked for at a time, the sealed bytes are the same."""
    plain, salt = plain_of(size), bytes(32)
    reader = SealingReader(io.BytesIO(plain), KEY, salt)
    assert b"".join(iter(lambda: reader.read(piece), b"")) == sealed_of(plain, salt)
    assert (reader.sha256, reader.size) == (hashlib.sha256(plain).hexdigest(), size)


@unhurried
@given(sizes, st.data())
def test_one_altered_byte_is_refused(size: int, data: st.DataObject) -> None:
    """Any byte that was changed, in the header too, is noticed before anything from there on is given out."""
    plain = plain_of(size)
    sealed = bytearray(sealed_of(plain))
    edges = [len(sealed) - 1, 0, 8, 12, 16, 31, 32, 63]
    at = data.draw(st.one_of(st.sampled_from(edges), st.integers(0, len(sealed) - 1)))
    sealed[at] ^= data.draw(st.integers(1, 255))
    assert looks_sealed(bytes(sealed))
    assert_refused(bytes(sealed), plain)


@unhurried
@given(sizes, st.data())
def test_a_cut_off_end_is_refused(size: int, data: st.DataObject) -> None:
    """Cut off anywhere, also just between two chunks, the rest is not taken for the whole."""
    plain = plain_of(size)
    sealed = sealed_of(plain)
    between = list(range(HEADER_SIZE, len(sealed), _SEALED_CHUNK))
    end = data.draw(st.one_of(st.sampled_from(between), st.integers(4, len(sealed) - 1)))
    assert looks_sealed(sealed[:end])
    assert_refused(sealed[:end], plain)


@unhurried
@given(sizes, st.binary(min_size=1, max_size=40))
def test_an_appendix_is_refused(size: int, more: bytes) -> None:
    """Bytes after the end are not passed over."""
    plain = plain_of(size)
    assert_refused(sealed_of(plain) + more, plain)


@unhurried
@given(st.integers(2, 4), st.data())
def test_chunks_keep_their_places(count: int, data: st.DataObject) -> None:
    """A chunk that was left out, repeated, put elsewhere or taken from another file does not open."""
    size = count * CHUNK - 10
    plain = plain_of(size)
    sealed, other = sealed_of(plain), sealed_of(plain_of(size + 1))
    head, body = sealed[:HEADER_SIZE], sealed[HEADER_SIZE:]
    chunks = [body[at : at + _SEALED_CHUNK] for at in range(0, len(body), _SEALED_CHUNK)]
    at = data.draw(st.integers(0, count - 2))
    start = HEADER_SIZE + at * _SEALED_CHUNK
    forged = {
        "left out": [*chunks[:at], *chunks[at + 1 :]],
        "repeated": [*chunks[: at + 1], *chunks[at:]],
        "exchanged": [*chunks[:at], chunks[at + 1], chunks[at], *chunks[at + 2 :]],
        "of another file": [*chunks[:at], other[start : start + _SEALED_CHUNK], *chunks[at + 1 :]],
    }
    for pieces in forged.values():
        assert_refused(head + b"".join(pieces), plain)


def test_another_key_opens_nothing() -> None:
    """With another key not a byte is given out."""
    with pytest.raises(SealBrokenError):
        opened(sealed_of(b"words"), DataKey(bytes(32))).read()


def test_a_forged_header_takes_no_memory() -> None:
    """A header that speaks of enormous chunks is refused, not believed."""
    sealed = bytearray(sealed_of(b"words"))
    sealed[12:16] = b"\xff\xff\xff\xff"
    with pytest.raises(SealBrokenError):
        opened(bytes(sealed))


def test_the_salt_repeats_only_with_the_bytes() -> None:
    """The salt of a digest is always the same, another for another digest or key; without one it is random."""
    digest, other = "ab" * 32, "cd" * 32
    assert KEY.salt_of(digest) == KEY.salt_of(digest)
    assert len({KEY.salt_of(digest), KEY.salt_of(other), DataKey(bytes(32)).salt_of(digest)}) == 3
    assert sealed_of(b"x") != sealed_of(b"x")


def test_one_page_of_a_large_file_is_one_chunk() -> None:
    """Reading a few bytes from the middle fetches one chunk and the header, not the file."""
    sealed = sealed_of(plain_of(30 * CHUNK))
    source = _Counting(sealed)
    reader = SealedReader(source, len(sealed), Header.unpack(source.read(HEADER_SIZE)), KEY)
    reader.seek(17 * CHUNK + 5)
    assert reader.read(100) == plain_of(30 * CHUNK)[17 * CHUNK + 5 :][:100]
    assert source.fetched == HEADER_SIZE + _SEALED_CHUNK


class _Counting(io.BytesIO):
    """Knows how much was read."""

    fetched = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.fetched += len(data)
        return data


def test_plain_files_are_not_taken_for_sealed() -> None:
    """What an archive holds does not look sealed, however short it is."""
    beginnings = [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"II*\0", b"{}\n", b"\xff\xd8\xff\xe0", b"PK\3\4"]
    for plain in [b"", b"\x93", *beginnings, *(beginning + bytes(100) for beginning in beginnings)]:
        assert not looks_sealed(plain)
