"""Finding: both scripts, what recognition does to words, phrases, numbers, operators, facets."""

import pytest

from search.interface import SearchIndex
from search.testing.corpus import document, fill, found, ids_found

__all__ = ["FindingContract"]


class FindingContract:
    """A person finds what stands in the records, however it is written there."""

    @pytest.mark.parametrize("asked", ["档案工作总结", "檔案工作總結", "檔案工作总结"])
    def test_either_script_finds_both(self, index: SearchIndex, asked: str) -> None:
        """Simplified finds traditional, traditional finds simplified, and a mixture finds both."""
        fill(index, document("simplified", "2021年档案工作总结。"), document("traditional", "關於檔案工作總結的報告"))
        assert ids_found(index, asked) == {"simplified", "traditional"}

    @pytest.mark.parametrize("asked", ["説明", "說明", "说明", "裡外", "裏外", "里外"])
    def test_regional_forms_find_each_other(self, index: SearchIndex, asked: str) -> None:
        """Forms of Taiwan, Hong Kong and the mainland are one character to a search."""
        fill(
            index,
            document("a", "說明裏外"),
            document("b", "说明里外"),
            document("c", "説明裡外"),
            document("d", "明白"),
        )
        assert ids_found(index, asked) == {"a", "b", "c"}

    @pytest.mark.parametrize("page", ["安 全 生 产", "安全\n生产", "安全，生产", "安\u3000全。\r\n　生产", "安全·生产"])
    def test_signs_inside_words_do_not_hide_them(self, index: SearchIndex, page: str) -> None:
        """Blanks, line breaks and punctuation that recognition put inside a word do not hide the word."""
        fill(index, document("a", f"关于{page}的规定"), document("b", "安全与生产"))
        assert ids_found(index, "安全生产") == {"a"}
        assert ids_found(index, '"安全 生产"') == {"a"}

    def test_words_may_stand_apart_and_a_phrase_may_not(self, index: SearchIndex) -> None:
        """Several words are found wherever they stand; in quotation marks only one after the other."""
        fill(index, document("together", "年度工作"), document("apart", "工作安排，按年度"), document("one", "工作"))
        assert ids_found(index, "年度 工作") == {"together", "apart"}
        assert ids_found(index, "“年度工作”") == {"together"}

    def test_no_phrase_crosses_pages(self, index: SearchIndex) -> None:
        """Words at the end of a page and at the beginning of the next are no phrase."""
        fill(index, document("a", "今年开展安全", "生产检查"), document("b", "page 12", "34 end"))
        assert ids_found(index, "安全生产") == set()
        assert ids_found(index, '"12 34"') == set()
        assert ids_found(index, "安全 生产") == {"a"}

    def test_one_character_is_enough(self, index: SearchIndex) -> None:
        """One character is found within words, at the end of a page, and before a number."""
        fill(index, document("a", "会议"), document("b", "开会"), document("c", "会2021"), document("d", "议程"))
        assert ids_found(index, "会") == {"a", "b", "c"}

    def test_numbers_are_whole(self, index: SearchIndex) -> None:
        """A number is found as a whole, and with the characters around it."""
        fill(index, document("a", "共12件"), document("b", "共120件"), document("c", "１２件"))
        assert ids_found(index, "12") == {"a", "c"}
        assert ids_found(index, "12件") == {"a", "c"}
        assert ids_found(index, "共12") == {"a"}

    def test_a_character_after_a_number_goes_on_in_any_way(self, index: SearchIndex) -> None:
        """No way in which a word goes on is forgotten, however many there are."""
        fill(index, *(document(f"{code}", f"2021年{chr(code)}天") for code in range(0x4E00, 0x4E00 + 200)))
        assert found(index, "2021年", limit=0).total == 200

    @pytest.mark.parametrize(
        "asked", ["〔2021〕12号", "[2021]12號", "(2021)12", "（2021） 12号", "【2021】012号", "国办发〔2021〕12"]
    )
    def test_brackets_of_a_document_number_do_not_matter(self, index: SearchIndex, asked: str) -> None:
        """A document number is found whichever brackets are typed, whole or in part, with or without zeros."""
        fill(
            index,
            document("a", document_number="国办发〔2021〕12号"),
            document("b", document_number="國辦發[2021]12號"),
            document("c", document_number="国办发〔2021〕120号"),
        )
        assert ids_found(index, asked) == {"a", "b"}
        assert ids_found(index, f"文号:{asked}") == {"a", "b"}

    @pytest.mark.parametrize(
        "asked",
        ["Z109-WS·2011-Y-BGS-0001", "z109-ws 2011 y bgs 1", "档号:bgs-0001", "BGS-00*", "档号:z109-ws·2011-y-bgs-1*"],
    )
    def test_a_code_is_found_however_typed(self, index: SearchIndex, asked: str) -> None:
        """An archival code is found in any spelling, and by its beginning with an asterisk."""
        fill(index, document("a", code="Z109-WS·2011-Y-BGS-0001"), document("b", code="Z109-KJ·2011-Y-CWB-0201"))
        assert ids_found(index, asked) == {"a"}

    def test_an_asterisk_leaves_a_number_unfinished(self, index: SearchIndex) -> None:
        """Without an asterisk a number in a code is whole."""
        fill(index, document("a", code="BGS-2011"), document("b", code="BGS-2012"))
        assert ids_found(index, "BGS-201*") == {"a", "b"}
        assert ids_found(index, "BGS-201") == set()

    def test_a_field_is_asked_by_name(self, index: SearchIndex) -> None:
        """A word can be asked for in one field, or in the pages only."""
        fill(index, document("a", title="总结", issuer="办公室"), document("b", "总结", title="办公室"))
        assert ids_found(index, "题名:总结") == {"a"}
        assert ids_found(index, "責任者：办公室") == {"a"}
        assert ids_found(index, "全文:总结") == {"b"}
        assert ids_found(index, "总结") == {"a", "b"}

    def test_any_field_of_the_line_is_found(self, index: SearchIndex) -> None:
        """Fields that have no name in queries are part of the catalogue line all the same."""
        fill(index, document("a", addressee="各直属单位"), document("b", title="其他"))
        assert ids_found(index, "直属单位") == {"a"}

    def test_operators(self, index: SearchIndex) -> None:
        """AND, OR, NOT, minus and brackets mean what they say."""
        fill(index, document("a", "总结"), document("b", "计划"), document("c", "总结 计划"), document("d", "通知"))
        assert ids_found(index, "总结 AND 计划") == {"c"}
        assert ids_found(index, "总结 OR 计划") == {"a", "b", "c"}
        assert ids_found(index, "总结 -计划") == {"a"}
        assert ids_found(index, "NOT 总结") == {"b", "d"}
        assert ids_found(index, "(总结 OR 通知) NOT 计划") == {"a", "d"}

    def test_deep_brackets_are_understood(self, index: SearchIndex) -> None:
        """The deepest query that the language allows is also one the engine answers."""
        fill(index, document("a", "甲"), document("b", "乙"))
        deep = "(".join(["丙 OR -"] * 4) + "甲" + ")" * 3
        assert ids_found(index, deep) == {"a"}

    def test_years_are_a_range(self, index: SearchIndex) -> None:
        """Years are asked for alone, from, to, and from–to."""
        fill(index, *(document(year, year=year) for year in ("2018", "2019", "2020", "2021")))
        assert ids_found(index, "年度:2019") == {"2019"}
        assert ids_found(index, "年度:2019..2020") == {"2019", "2020"}
        assert ids_found(index, "年度:2020..") == {"2020", "2021"}
        assert ids_found(index, "NOT 年度:..2019") == {"2020", "2021"}

    def test_the_empty_query_finds_everything(self, index: SearchIndex) -> None:
        """Who asks for nothing is shown all he may know."""
        fill(index, document("a", title="甲"), document("b", title="乙"))
        assert ids_found(index, "") == {"a", "b"}

    def test_facets_count_exactly(self, index: SearchIndex) -> None:
        """Facets count all that is found, not only the page that is shown; values count singly."""
        kinds = {"kind": ("甲 类", "B/2")}
        fill(
            index,
            *(document(f"{n}", "总结", year=f"{2018 + n % 3}", facets=kinds) for n in range(7)),
            document("x", "别"),
        )
        result = found(index, "总结", facets=("year", "kind", "none"), limit=2)
        assert result.total == 7
        assert result.facets == {"year": {"2018": 3, "2019": 2, "2020": 2}, "kind": {"甲 类": 7, "B/2": 7}, "none": {}}

    def test_filters_narrow(self, index: SearchIndex) -> None:
        """Values of one facet are alternatives, facets together narrow; a filter without values leaves nothing."""
        fill(
            index,
            document("a", year="2020", facets={"fonds": ("Z1",)}),
            document("b", year="2021", facets={"fonds": ("Z1",)}),
            document("c", year="2021", facets={"fonds": ("Z2",)}),
        )
        assert ids_found(index, "", filters={"year": ["2020", "2021"], "fonds": ["Z1"]}) == {"a", "b"}
        assert ids_found(index, "", filters={"year": ["2021"], "fonds": ["Z1"]}) == {"b"}
        assert ids_found(index, "", filters={"year": []}) == set()

    def test_what_is_nowhere_is_found_nearly_and_marked(self, index: SearchIndex) -> None:
        """One wrong character in a phrase of six finds the page all the same, marked as approximate."""
        fill(index, document("right", "关于安全生产检查的通知"), document("far", "生产队的检修"))
        result = found(index, "安全牛产检查", facets=("year",))
        assert result.approximate
        assert [hit.id for hit in result.hits] == ["right"]
        assert (result.total, result.facets) == (1, {"year": {"2021": 1}})
        assert not found(index, "安全生产检查").approximate

    def test_what_is_nowhere_near_is_not_found(self, index: SearchIndex) -> None:
        """Nothing found is not called approximate, and excluded words stay excluded when others are only near."""
        fill(index, document("a", "关于安全生产检查的通知"))
        nothing = found(index, "完全不同的内容")
        assert (nothing.total, nothing.approximate) == (0, False)
        assert found(index, "安全牛产检查 -通知").total == 0
