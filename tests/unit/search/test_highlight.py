"""Places of a query in a text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.highlight import Snippet, Span, find, snippets
from search.query import Phrase, parse_query

PAGE = "第一条 为了加強安全\n生 产管理，依据国办发〔2021〕012号，制定本辦法。安全生产人人有责。"


def _marked(text: str, asked: str, field: str = "text", *, approximate: bool = False) -> list[str]:
    places = find(text, parse_query(asked), field=field, approximate=approximate)
    return [text[place.start : place.end] for place in places]


@pytest.mark.parametrize(
    ("asked", "marked"),
    [
        ("安全生產", ["安全\n生 产", "安全生产"]),
        ("“办法”", ["辦法"]),
        ("国办发[2021]", ["国办发〔2021"]),
        ("2021", ["2021"]),
        ("202", []),
        ("条", ["条"]),
        ("人", ["人", "人"]),
        ("加强 -安全", ["加強"]),
        ("加强 OR 有责", ["加強", "有责"]),
        ("安全生 全生产", ["安全\n生 产", "安全生产"]),
        ("题名:安全", []),
        ("全文:第一条", ["第一条"]),
        ("年度:2021", []),
        ("", []),
        ("没有", []),
    ],
)
def test_places_are_exact_to_the_character(asked: str, marked: list[str]) -> None:
    """What is sought is marked from its first to its last character, over blanks and line breaks; nothing else is."""
    assert _marked(PAGE, asked) == marked


def test_a_title_is_marked_by_its_own_field() -> None:
    """In a title, words asked for in the title are marked, and words asked for anywhere."""
    assert _marked("工作总结", "题名:总结 工作 全文:作总", "title") == ["工作", "总结"]


def test_numbers_are_marked_as_they_are_found() -> None:
    """In codes and document numbers zeros do not count and an asterisk leaves the end open."""
    assert _marked("国办发〔2021〕012号", "(2021) 12", "document_number") == ["2021〕012"]
    assert _marked("Z109-WS·2011", "z109-ws 201*", "code") == ["Z109-WS", "2011"]


def test_what_is_only_near_is_marked_in_parts() -> None:
    """Where a phrase is nowhere as a whole, its parts are marked, if that is asked for."""
    assert _marked("安全生产检查", "安全牛产检查", approximate=True) == ["安全", "产检查"]
    assert _marked("安全生产检查", "安全牛产检查") == []


@given(st.text("安全生产2 \n，1", max_size=40), st.text("安全生产21", min_size=1, max_size=3))
def test_marks_are_the_words(text: str, word: str) -> None:
    """Every mark, without signs, consists of the word; marks are ordered and apart; a word in the text is marked."""
    places = find(text, Phrase(word))
    assert places == sorted(places)
    assert all(one.end <= other.start for one, other in pairwise(places))
    plain = ["".join(sign for sign in text[place.start : place.end] if sign.isalnum()) for place in places]
    assert all(word in mark for mark in plain)
    if not any(sign.isdigit() for sign in text):
        assert bool(places) == (word in "".join(sign for sign in text if sign.isalnum()))


def test_snippets_show_the_surroundings() -> None:
    """A snippet is one line around the place, with dots where it was cut, and the place in its own offsets."""
    text = "甲" * 100 + "\n安全" + "乙" * 100
    (snippet,) = snippets(text, parse_query("安全"), width=10)
    assert snippet == Snippet("…甲甲甲 安全乙乙乙乙…", (Span(5, 7),))


def test_the_whole_of_a_short_text_is_its_snippet() -> None:
    """A text that is short enough is not cut."""
    assert snippets("安全生产", parse_query("生产")) == [Snippet("安全生产", (Span(2, 4),))]


def test_the_richest_places_are_chosen() -> None:
    """Of more places than fit, those where most words meet are shown, in the order of the text."""
    text = "安全" + "甲" * 50 + "安全 生产" + "乙" * 50 + "生产 安全 生产" + "丙" * 50
    cut = snippets(text, parse_query("安全 生产"), limit=2, width=16)
    assert [len(snippet.spans) for snippet in cut] == [2, 3]
    assert snippets(text, parse_query("没有")) == []
