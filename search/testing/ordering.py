"""Order and paging."""

import pytest

from search.interface import SearchIndex
from search.testing.corpus import document, fill, found

__all__ = ["OrderingContract"]


def _order(index: SearchIndex, text: str, sort: str = "relevance") -> list[str]:
    return [hit.id for hit in found(index, text, sort=sort).hits]


class OrderingContract:
    """What is found comes in a sensible order, page by page without end."""

    def test_title_and_number_come_before_the_body(self, index: SearchIndex) -> None:
        """A word counts most in title, number and code, then in other fields, least in the pages."""
        fill(
            index,
            document("body", "总结 总结 总结 〔2021〕12号", date="20220101"),
            document("line", addressee="总结", date="20210101"),
            document("title", title="总结", date="20200101"),
            document("number", document_number="办〔2021〕12号", date="20190101"),
        )
        assert _order(index, "总结") == ["title", "line", "body"]
        assert _order(index, "〔2021〕12号") == ["number", "body"]

    def test_among_equals_the_newest_comes_first(self, index: SearchIndex) -> None:
        """Equal relevance is ordered by date to the day, the undated last."""
        dates = {"a": "20210305", "b": "20210306", "c": "", "d": "19990101", "e": "20251231", "f": "19200101"}
        fill(index, *(document(name, "总结", date=date) for name, date in dates.items()))
        assert _order(index, "总结") == ["e", "b", "a", "d", "f", "c"]
        assert _order(index, "") == ["e", "b", "a", "d", "f", "c"]

    def test_by_date_and_by_code(self, index: SearchIndex) -> None:
        """By date: newest first. By code: numbers as people count. What has none comes last."""
        fill(
            index,
            document("a", date="20210101", code="WS-10"),
            document("b", date="20220101", code="WS-2"),
            document("c"),
            document("d", date="20200101", code="KJ-3"),
        )
        assert _order(index, "", "date") == ["b", "a", "d", "c"]
        assert _order(index, "", "code") == ["d", "b", "a", "c"]

    @pytest.mark.parametrize("sort", ["relevance", "date", "code"])
    def test_pages_show_each_hit_once(self, index: SearchIndex, sort: str) -> None:
        """Pages follow one another without gap and repetition, and end with nothing."""
        fill(index, *(document(f"{n:02}", "总结", date=f"2021010{n % 9 + 1}", code=f"{n % 5}") for n in range(25)))
        pages = [found(index, "总结", sort=sort, offset=offset, limit=10) for offset in (0, 10, 20, 30)]
        assert [len(page.hits) for page in pages] == [10, 10, 5, 0]
        assert sorted(hit.id for page in pages for hit in page.hits) == [f"{n:02}" for n in range(25)]
        assert {page.total for page in pages} == {25}

    def test_paging_has_no_wall(self, index: SearchIndex) -> None:
        """The page after the hundred-thousandth record is empty, not an error."""
        fill(index, document("a", "总结"))
        assert found(index, "总结", offset=200_000).hits == ()
