"""Fields of the embedded index, and how entries get into it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import tantivy

from search.embedded.generations import answering
from search.entry import BODY, BY_CODE, BY_DATE, FACETS, ID, KNOW, LINE, NAMED, READ, Entry
from search.interface import IndexDocument

__all__ = ["RECENCY", "SCHEMA", "Writer", "create", "open_files", "writing"]

#: Scores are multiplied by at most 1.015 with this, so that of equal scores, whole numbers, the newest comes first.
RECENCY: Final = "recency"
_MOST_RECENCY: Final = 0.02
_FIRST_YEAR, _DAYS = 1900, 1 << 16

_MEMORY: Final = 64_000_000


def _schema() -> tantivy.Schema:
    schema = tantivy.SchemaBuilder()
    # Text, not a number: deleting by a number's term silently deletes nothing.
    schema.add_text_field(ID, stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    for field in (KNOW, READ):
        schema.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in (*NAMED, LINE, BODY):
        schema.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    for field in (BY_DATE, BY_CODE):
        schema.add_text_field(field, fast=True, tokenizer_name="raw", index_option="basic")
    schema.add_float_field(RECENCY, fast=True)
    schema.add_json_field(FACETS, fast=True, tokenizer_name="raw", index_option="basic")
    return schema.build()


SCHEMA: Final = _schema()


def create(generation: Path) -> tantivy.Index:
    """An index with nothing in it, in an empty folder. Raises IndexUnavailableError."""
    with answering(generation.parent):
        return tantivy.Index(SCHEMA, str(generation), reuse=False)


def open_files(generation: Path) -> tantivy.Index:
    """The index in a folder; it looks for commits of the writer only when told. Raises IndexUnavailableError."""
    with answering(generation.parent):
        index = tantivy.Index.open(str(generation))
        index.config_reader("manual")
        return index


@contextmanager
def writing(index: tantivy.Index, folder: Path, *, durable: bool) -> Iterator["Writer"]:
    """Write into an index; at the end, wait until its files are in order. Raises IndexUnavailableError."""
    with answering(folder):
        inner = index.writer(_MEMORY, 1)
    try:
        yield Writer(inner, folder, durable=durable)
    finally:
        with answering(folder):
            inner.wait_merging_threads()


class Writer:
    """Takes documents. If `durable`, each `write` commits; else only `commit` does."""

    def __init__(self, inner: tantivy.IndexWriter, folder: Path, *, durable: bool) -> None:
        self._inner = inner
        self._folder = folder
        self._durable = durable

    def write(self, documents: Sequence[IndexDocument], *, deleted: Sequence[str] = ()) -> None:
        """See IndexWriter. After an IndexUnavailableError this writer is of no more use: begin another."""
        entries = [Entry.of(document) for document in documents]
        with answering(self._folder):
            for item in (*deleted, *(entry.id for entry in entries)):
                self._inner.delete_documents_by_term(ID, item)
            # Of two states of the same item in one call the last holds.
            for entry in {entry.id: entry for entry in entries}.values():
                self._inner.add_document(_document(entry))
        if self._durable:
            self.commit()

    def commit(self) -> None:
        """Make what was written durable and searchable. Raises IndexUnavailableError."""
        with answering(self._folder):
            self._inner.commit()


def _document(entry: Entry) -> tantivy.Document:
    document = tantivy.Document()
    for field, value in ((ID, entry.id), (BY_DATE, entry.by_date), (BY_CODE, entry.by_code)):
        document.add_text(field, value)
    for field, values in {KNOW: entry.know, READ: entry.read, **entry.texts}.items():
        for value in values:
            document.add_text(field, value)
    document.add_json(FACETS, entry.facets)
    document.add_float(RECENCY, _recency(entry.date))
    return document


def _recency(date: int) -> float:
    """From 0 for what is old or undated to 0.02; each day is a step, as fine as a score of 24 bits can tell."""
    year, month, day = date // 10000, date // 100 % 100, date % 100
    days = (year - _FIRST_YEAR) * 372 + month * 31 + day
    return min(max(days, 0), _DAYS) / _DAYS * _MOST_RECENCY
