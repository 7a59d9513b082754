"""The language in which a person asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import QuerySyntaxError
from search.query import All, Any, Everything, Not, Phrase, Query, Years, parse_query, phrases


def _word(text: str, field: str = "") -> Phrase:
    return Phrase(text, field)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Everything()),
        ("  *  ", Everything()),
        ("总结", _word("总结")),
        ("总结　2021", All((_word("总结"), _word("2021")))),
        ("总结 AND 计划", All((_word("总结"), _word("计划")))),
        ("总结 OR 计划", Any((_word("总结"), _word("计划")))),
        ("总结|计划", Any((_word("总结"), _word("计划")))),
        ("a b OR c", Any((All((_word("a"), _word("b"))), _word("c")))),
        ("总结 -草稿", All((_word("总结"), Not(_word("草稿"))))),
        ("总结 NOT 草稿", All((_word("总结"), Not(_word("草稿"))))),
        ("总结 AND NOT 草稿", All((_word("总结"), Not(_word("草稿"))))),
        ("-草稿", Not(_word("草稿"))),
        ("-“工作 草稿”", Not(_word("“工作 草稿”"))),
        ("z109-ws", _word("z109-ws")),
        ("note 甲not乙 ANDY", All((_word("note"), _word("甲not乙"), _word("ANDY")))),
        ("「工作 总结」", _word("「工作 总结」")),
        ("“没有 结束", _word("“没有 结束")),
        ("(总结 OR 计划) 2021", All((Any((_word("总结"), _word("计划"))), _word("2021")))),
        ("（总结 OR 计划） -（a b）", All((Any((_word("总结"), _word("计划"))), Not(All((_word("a"), _word("b"))))))),
        ("(总结", _word("总结")),
        ("总结)) 计划", All((_word("总结"), _word("计划")))),
        ("关于总结(草稿)的通知", _word("关于总结(草稿)的通知")),
        ("题名:总结", _word("总结", "title")),
        ("題名：總結", _word("總結", "title")),
        ("Title: 总结", _word("总结", "title")),
        (
            "题名:(总结 OR 文号:12) 乙",
            All((Any((_word("总结", "title"), _word("12", "document_number"))), _word("乙"))),
        ),
        ("-责任者:办公室", Not(_word("办公室", "issuer"))),
        ("注：附件", _word("注：附件")),
        ("http://a.b/c", _word("http://a.b/c")),
        ("文号:国办发〔2021〕12号", _word("国办发〔2021〕12号", "document_number")),
        ("国办发 (2021) 12 号", All((_word("国办发"), _word("(2021) 12"), _word("号")))),
        ("(国办发[2021]12号 OR x)", Any((_word("国办发[2021]12号"), _word("x")))),
        ("档号:Z109*", Phrase("Z109*", "code", wildcard=True)),
        ("“Z109*”", _word("“Z109*”")),
        ("年度:2021", Years(2021, 2021)),
        ("年度:2019..2021年", Years(2019, 2021)),
        ("年份：２０１９－２０２１", Years(2019, 2021)),
        ("year:2019..", Years(2019, 2999)),
        ("year:..2019", Years(1000, 2019)),
        ("年度:(2018 OR 2021)", Any((Years(2018, 2018), Years(2021, 2021)))),
        ("总结 ——", _word("总结")),
        ("总结 OR ……", _word("总结")),
        ("总结 -……", _word("总结")),
    ],
)
def test_what_is_typed_and_what_is_meant(typed: str, meant: Query) -> None:
    """Each form means what the help says."""
    assert parse_query(typed) == meant


@pytest.mark.parametrize(
    ("typed", "reason", "position"),
    [
        ("总结 OR", "operand-missing", 5),
        ("OR 总结", "operand-missing", 0),
        ("总结 NOT", "operand-missing", 6),
        ("总结 AND OR 计划", "operand-missing", 7),
        ("总结 ()", "operand-missing", 4),
        ("总结 题名:", "field-empty", 3),
        ("题名: 文号:12", "field-empty", 0),
        ("年度:去年", "year-wrong", 3),
        ("年度:2021..2019", "year-wrong", 3),
        ("年度:..", "year-wrong", 3),
        ("？！", "nothing-to-find", 0),
        ("(" * 9 + "a", "too-deep", 9),
        ("--" * 3 + "总结 " + "总" * 300, "too-long", 0),
    ],
)
def test_mistakes_say_what_and_where(typed: str, reason: str, position: int) -> None:
    """A query that cannot be understood gives a reason to translate and the place."""
    with pytest.raises(QuerySyntaxError) as mistake:
        parse_query(typed)
    assert (mistake.value.reason, mistake.value.position) == (reason, position)


@given(st.text(st.sampled_from('总结2021 ab-—*"“”「」()（）〔〕[]:：|.，ORANDT题名年度\n'), max_size=60))
def test_any_input_is_understood_or_refused(typed: str) -> None:
    """Whatever is typed gives a query or a reason, never another error; excluded words are never among the sought."""
    try:
        query, position = parse_query(typed), 0
    except QuerySyntaxError as mistake:
        query, position = Everything(), mistake.position
    assert 0 <= position <= len(typed)
    assert not isinstance(query, Not) or list(phrases(query)) == []
