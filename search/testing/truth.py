"""Random records, rights and queries, compared with the plain truth of substrings.

The truth is computed here from the typed text alone, with nothing of the code that it judges.
"""

import re
from dataclasses import dataclass
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from search.interface import Rights, SearchIndex
from search.testing.corpus import document, found

__all__ = ["TruthContract"]

#: Few characters, so that words meet often; each traditional one beside its simplified one.
_SIMPLIFIED: Final = str.maketrans("總結發後隻裏裡", "总结发后只里里")
_SIGNS: Final = "总總结結发發后後年1 2\n，a"

_texts = st.text(_SIGNS, max_size=12)
_rights = st.sampled_from([("staff",), ("leaders",), ("staff", "leaders")])


@dataclass(frozen=True, slots=True)
class _Record:
    title: str
    pages: tuple[str, ...]
    know: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query as text, and what it means: words that must, and a word that must not be there."""

    words: tuple[str, ...]
    without: str | None
    either: bool

    def typed(self) -> str:
        """How a person types it."""
        joined = (" OR " if self.either else " ").join(f'"{word}"' for word in self.words)
        return f'({joined}) -"{self.without}"' if self.without else joined


_records = st.lists(st.builds(_Record, _texts, st.lists(_texts, max_size=3).map(tuple), _rights, _rights), max_size=8)
_words = st.text(_SIGNS, min_size=1, max_size=4).filter(lambda word: re.search(r"\w", word) is not None)
_queries = st.builds(_Asked, st.lists(_words, min_size=1, max_size=2).map(tuple), st.none() | _words, st.booleans())


class TruthContract:
    """What is found is exactly what is there."""

    def test_hits_are_the_substring_truth(self, index: SearchIndex) -> None:
        """For random records, rights and queries, hits and counts are those of a search through the plain text."""

        @settings(max_examples=25, deadline=None)
        @given(records=_records, queries=st.lists(_queries, min_size=1, max_size=8), granted=st.sets(st.integers(0, 7)))
        def compare(records: list[_Record], queries: list[_Asked], granted: set[int]) -> None:
            _rebuild(index, records)
            rights = Rights(frozenset({"staff"}), frozenset({"staff"}), frozenset(f"{n}" for n in granted))
            for asked in queries:
                true = {f"{n}" for n, record in enumerate(records) if _is_found(asked, record, n in granted)}
                result = found(index, asked.typed(), rights, facets=("year",))
                assert {hit.id for hit in result.hits} == true or (result.approximate and not true), asked.typed()
                assert result.total == len(result.hits) == sum(result.facets["year"].values())

        compare()


def _rebuild(index: SearchIndex, records: list[_Record]) -> None:
    with index.rebuild() as writer:
        writer.write(
            [
                document(f"{n}", *record.pages, title=record.title, know=record.know, read=record.read)
                for n, record in enumerate(records)
            ]
        )


def _is_found(asked: _Asked, record: _Record, granted: bool) -> bool:
    if "staff" not in record.know:
        return False
    texts = [record.title, *(record.pages if granted or "staff" in record.read else ())]

    def stands(word: str) -> bool:
        return any(_plain(word) in _plain(text) for text in texts)

    there = (any if asked.either else all)(stands(word) for word in asked.words)
    return there and (asked.without is None or not stands(asked.without))


def _plain(text: str) -> str:
    """Simplified, without signs; bars around each character and each whole number or word."""
    return "".join(f"|{unit}|" for unit in re.findall(r"[0-9]+|[a-z]+|\w", text.translate(_SIMPLIFIED)))
