"""Rights: a search betrays nothing of what the asker may not read, nor that there is what he may not know."""

import pytest

from search.interface import Rights, SearchIndex
from search.testing.corpus import CLERK, document, fill, found, ids_found

__all__ = ["RightsContract"]

_GRANTED = Rights(frozenset({"staff"}), frozenset({"staff"}), frozenset({"closed"}))
_LEADER = Rights(frozenset({"staff", "leaders"}), frozenset({"staff", "leaders"}))


class RightsContract:
    """Rights are inside every query."""

    @pytest.fixture
    def kept(self, index: SearchIndex) -> SearchIndex:
        """One open record, one known but closed, one that only leaders know."""
        fill(
            index,
            document("open", "公开内容", title="公开事项", year="2019"),
            document("closed", "并购方案谈判", title="一般事项", read=("leaders",), year="2020"),
            document("hidden", "并购方案", title="并购事项", know=("leaders",), read=("leaders",), year="2021"),
        )
        return index

    @pytest.mark.parametrize(
        "asked", ["并购", "并购方案", "方", "全文:谈判", "并购方案 一般", "并购方案谈判结果", "并*"]
    )
    def test_a_word_in_an_unreadable_body_is_nowhere(self, kept: SearchIndex, asked: str) -> None:
        """A word that stands only in bodies he may not read gives no hit, no count, no facet, not even nearly."""
        result = found(kept, asked, facets=("year",))
        assert (result.total, result.hits, result.facets, result.approximate) == (0, (), {"year": {}}, False)

    def test_the_catalogue_line_is_found_by_whoever_knows(self, kept: SearchIndex) -> None:
        """What he may know of is found by its line; what he may not know of is not."""
        assert ids_found(kept, "事项") == {"open", "closed"}
        assert ids_found(kept, "事项", _LEADER) == {"open", "closed", "hidden"}

    def test_the_unknown_is_not_counted(self, kept: SearchIndex) -> None:
        """Who asks for everything gets hits, total and facets of what he may know."""
        result = found(kept, "", facets=("year",))
        assert (result.total, result.facets) == (2, {"year": {"2019": 1, "2020": 1}})

    def test_an_exclusion_judges_the_unreadable_by_its_line(self, kept: SearchIndex) -> None:
        """Excluding a word does not tell in which unreadable body it stands."""
        assert ids_found(kept, "-谈判") == {"open", "closed"}
        assert ids_found(kept, "-谈判", _GRANTED) == {"open"}
        assert ids_found(kept, "-一般") == {"open"}

    def test_a_grant_opens_one_body(self, kept: SearchIndex) -> None:
        """An approved grant opens the body of that record and of no other."""
        assert ids_found(kept, "并购方案", _GRANTED) == {"closed"}
        assert ids_found(kept, "并购方案", _LEADER) == {"closed", "hidden"}

    def test_a_grant_does_not_make_known(self, kept: SearchIndex) -> None:
        """An id alone opens nothing: what one may not know of stays unknown."""
        rights = Rights(CLERK.know, CLERK.read, frozenset({"hidden"}))
        assert ids_found(kept, "并购", rights) == set()

    def test_without_rights_there_is_nothing(self, kept: SearchIndex) -> None:
        """Empty rights find nothing, whatever is asked."""
        for asked in ("", "公开", "-公开", "年度:2019..2021"):
            result = found(kept, asked, Rights(), facets=("year",))
            assert (result.total, result.facets) == (0, {"year": {}})

    def test_scores_do_not_tell_of_bodies_one_may_not_read(self, index: SearchIndex) -> None:
        """The score of a readable hit is the same however often its words stand in unreadable bodies."""
        fill(index, document("open", "并购方案"))
        before = found(index, "并购方案").hits
        fill(index, *(document(f"{n}", "并购方案 并购方案", read=("leaders",)) for n in range(20)))
        assert found(index, "并购方案").hits == before
