"""`metadata/da-t-46.xml` keeps to the standard as far as we know it, whatever an item is called."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalogue.da_t_46 import ELEMENTS, ENTITIES, da_t_46
from archive.catalogue.models import Control, Retention, Secrecy, TradeSecrecy
from ingest.derivatives.alto import ILLEGAL
from tests.unit.records.described import DERIVED, INGESTION, item_facts

_SPACE = "{urn:danggui:da-t-46}"
#: GB/T 18894-2016, 6.2.2
_LEAST = (
    "题名",
    "文件编号",
    "责任者",
    "日期",
    "机构或问题",
    "保管期限",
    "密级",
    "格式信息",
    "计算机文件名",
    "计算机文件大小",
    "文档创建程序",
)
_LISTS = {
    "聚合层次": {"案卷", "文件"},
    "文件组合类型": {"单件", "组合文件"},
    "控制标识": {"开放", "控制"},
    "机构人员类型": {"单位", "内设机构", "个人"},
    "业务状态": {"历史行为", "计划任务"},
    "密级": {"公开", "内部", "秘密", "机密", "绝密"},
    "保管期限": {"永久", "30年", "10年"},
}


def _made(**changes: Any) -> ElementTree.Element:
    return ElementTree.fromstring(da_t_46(item_facts(**changes), INGESTION, DERIVED))


def _values(root: ElementTree.Element, name: str) -> list[str]:
    return [element.text or "" for element in root.iter(f"{_SPACE}{name}")]


def test_the_list_of_elements() -> None:
    """There are 88, with the numbers of the standard at the places where these were read."""
    assert len(ELEMENTS) == 88
    known = {
        "聚合层次": 1,
        "档号": 8,
        "题名": 22,
        "密级": 38,
        "格式信息": 47,
        "控制标识": 74,
        "附注": 75,
        "实体标识符": 85,
    }
    assert {name: ELEMENTS[name] for name in known} == {name: f"M{number}" for name, number in known.items()}


@pytest.mark.parametrize("names", [("一.tif",), ("一.tif", "二.tif")])
def test_names_numbers_and_the_least_there_must_be(names: tuple[str, ...]) -> None:
    """Every element is one of the standard, under its number; the four entities and all that must be are there."""
    root = _made(names=names)
    assert {entity.tag.removeprefix(_SPACE) for entity in root} == set(ENTITIES)
    for entity in root:
        for element in entity.iter():
            name = element.tag.removeprefix(_SPACE)
            if element is not entity:
                assert element.get("编号") == ELEMENTS[name]
                assert (element.text or "").strip() or len(element)
    for name in _LEAST:
        assert all(_values(root, name)), name
    assert len(_values(root, "电子属性")) == len(names) + 1
    assert _values(root, "档号")[0].strip() == "Z109-WS·2021-Y-CWB-0001"
    assert _values(root, "室编件号") == ["1"]


def test_every_act_has_its_person() -> None:
    """Each handling step says what, when, and leads to who: all identifiers are those of an entity."""
    root = _made()
    entities = {entity.get("标识符"): entity for entity in root if entity.get("标识符")}
    relations = [_values(relation, "实体标识符") for relation in root.iter(f"{_SPACE}实体关系")]
    assert all(end in entities for ends in relations for end in ends)
    acts = [entity for entity in root if entity.tag == f"{_SPACE}业务实体"]
    assert len(acts) == 2
    for act in acts:
        assert _values(act, "业务行为")
        assert _values(act, "行为时间")
        ends = [other for one, other in relations if one == act.get("标识符")]
        assert any(_values(entities[end], "机构人员名称") for end in ends)


@pytest.mark.parametrize("control", Control)
@pytest.mark.parametrize("secrecy", Secrecy)
@pytest.mark.parametrize("retention", Retention)
def test_value_lists_hold(control: Control, secrecy: Secrecy, retention: Retention) -> None:
    """Where the standard lists the values, no other is written."""
    root = _made(control=control, secrecy=secrecy, retention=retention, trade_secrecy=TradeSecrecy.CORE)
    for name, allowed in _LISTS.items():
        values = _values(root, name)
        assert values, name
        assert set(values) <= allowed
    assert "商业秘密：核心商密" in _values(root, "附注")


def test_what_is_not_known_is_left_out() -> None:
    """No code, no number, no issuer: no element, rather than an empty or an invented one."""
    root = _made(code=None, document_number="", issuer="", addressee="", date="")
    for name in ("文件编号", "责任者", "日期", "主送", "室编件号"):
        assert _values(root, name) == []
    assert _values(root, "档号")[0].strip() == ""


@given(title=st.text(min_size=1), issuer=st.text(min_size=1))
def test_no_title_breaks_it(title: str, issuer: str) -> None:
    """Markup and control characters in a field stay text; what XML cannot hold is shown as unreadable."""
    root = _made(title=title, issuer=issuer)
    assert (_values(root, "题名"), _values(root, "责任者")) == ([_readable(title)], [_readable(issuer)])


def _readable(text: str) -> str:
    return ILLEGAL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
