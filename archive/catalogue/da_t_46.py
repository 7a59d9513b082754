"""`metadata/da-t-46.xml`: the item in the elements of DA/T 46-2009 文书类电子文件元数据方案.

The standard defines 88 elements in four entities, and no XML for them. The names of the elements are those of the
standard, each with its number; the namespace, the nesting and the attributes `编号` and `标识符` are ours. What is not
known is left out, except for `文档创建程序`, which GB/T 18894-2016 wants in any case: there it says 未记录.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC

from archive.catalogue.codes import CodeError, CodePattern
from archive.catalogue.formats import Format, format_of
from archive.catalogue.item_facts import ItemFacts
from archive.catalogue.models import Control, Item, NoteKind, Retention, Secrecy, TradeSecrecy
from archive.catalogue.stored_object import ACCESS_PDF, DERIVED_FORMATS, Derived, Ingestion
from archive.catalogue.xml_document import Element, add, xml_document
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.wording import words_for

__all__ = ["ELEMENTS", "ENTITIES", "da_t_46"]

_NAMESPACE = "urn:danggui:da-t-46"

ENTITIES = ("文件实体", "机构人员实体", "业务实体", "实体关系")

_NAMES = """
聚合层次 来源 档案馆名称 档案馆代码 全宗名称 立档单位名称 电子文件号
档号 全宗号 目录号 年度 保管期限 机构或问题 类别号 室编案卷号 馆编案卷号 室编件号 馆编件号 文档序号 页号
内容描述 题名 并列题名 副题名 说明题名文字 主题词 关键词 人名 摘要
分类号 文件编号 责任者 日期 文种 紧急程度 主送 抄送 密级 保密期限
形式特征 文件组合类型 件数 页数 语种 稿本
电子属性 格式信息 计算机文件名 计算机文件大小 文档创建程序
信息系统描述 数字化属性 数字化对象形态 扫描分辨率 扫描色彩模式 图像压缩方案
电子签名 签名规则 签名时间 签名人 签名结果 证书 证书引证 签名算法标识
存储位置 当前位置 脱机载体编号 脱机载体存址 缩微号
权限管理 知识产权说明 授权对象 授权行为 控制标识 附注
机构人员类型 机构人员名称 组织机构代码 个人职位
业务状态 业务行为 行为时间 行为依据 行为描述
实体标识符 关系类型 关系 关系描述
"""
#: the elements of the standard by name, M1 to M88
ELEMENTS = {name: f"M{number}" for number, name in enumerate(_NAMES.split(), start=1)}

_RETENTION = {Retention.PERMANENT: "永久", Retention.THIRTY_YEARS: "30年", Retention.TEN_YEARS: "10年"}
_SECRECY = {Secrecy.SECRET: "秘密", Secrecy.CONFIDENTIAL: "机密", Secrecy.TOP_SECRET: "绝密"}
_TRADE_SECRECY = {TradeSecrecy.ORDINARY: "普通商密", TradeSecrecy.CORE: "核心商密"}
_NOTE_KINDS = {NoteKind.UNBOUND: "拆钉", NoteKind.DAMAGED: "破损", NoteKind.PAGES_MISSING: "缺页"}
_UNRECORDED = "未记录"
_PROGRAM = "danggui"


def da_t_46(facts: ItemFacts, ingestion: Ingestion, derived: Mapping[str, Derived]) -> bytes:
    """The file, for an item as the database knows it."""
    root = Element("电子文件元数据", {"xmlns": _NAMESPACE, "标准": "DA/T 46-2009"})
    _add_record(root, facts, ingestion, derived)
    _add_agents(root, facts)
    for act in facts.acts:
        _add_act(root, act)
    _relate(root, facts.item.id, facts.item.unit_id, "归属机构")
    _relate(root, facts.item.id, facts.item.accepted_by, "验收人")
    for act in facts.acts:
        _relate(root, act.id, facts.item.id, "办理对象")
        _relate(root, act.id, _agent_id(act), "办理者")
    return xml_document(root)


# --- 文件实体 ---


def _add_record(root: Element, facts: ItemFacts, ingestion: Ingestion, derived: Mapping[str, Derived]) -> None:
    item = facts.item
    record = add(root, "文件实体", 标识符=item.id)
    _add(record, "聚合层次", "文件")
    _add(_group(record, "来源"), "全宗名称", item.fonds.name)
    _add(record, "电子文件号", item.id)
    _add_code(record, item)
    _add_content(record, item)
    form = _group(record, "形式特征")
    _add(form, "文件组合类型", "单件" if len(item.files) == 1 else "组合文件")
    _add(form, "页数", item.page_count)
    for file in item.files:
        _add_file(record, format_of(file.media_type), file.path, file.size, _UNRECORDED)
    if copy := derived.get(ACCESS_PDF):
        _add_file(record, DERIVED_FORMATS[copy.path], copy.path, copy.size, ingestion.program or _PROGRAM)
    # 开放 is what everybody may read without asking.
    _add(_group(record, "权限管理"), "控制标识", "开放" if item.control is Control.PUBLIC else "控制")
    for note in _notes(item):
        _add(record, "附注", note)


def _add_code(record: Element, item: Item) -> None:
    code = add(record, "档号", item.code or "", 编号=ELEMENTS["档号"])
    _add(code, "全宗号", item.fonds.code)
    _add(code, "年度", item.year)
    _add(code, "保管期限", _RETENTION[item.retention])
    _add(code, "机构或问题", item.unit.name)
    _add(code, "类别号", item.category.code)
    _add(code, "室编件号", _number(item))


def _number(item: Item) -> str:
    """The number within its series, as the present code has it; empty where the code is of another shape."""
    try:
        number = CodePattern(item.category.code_pattern).parse(item.code or "").number
    except CodeError:
        return ""
    return "" if number is None else str(number)


def _add_content(record: Element, item: Item) -> None:
    content = _group(record, "内容描述")
    _add(content, "题名", item.title)
    _add(content, "文件编号", item.document_number)
    _add(content, "责任者", item.issuer)
    _add(content, "日期", item.date)
    _add(content, "主送", item.addressee)
    _add(content, "密级", _SECRECY.get(item.secrecy) or ("公开" if item.control is Control.PUBLIC else "内部"))


def _add_file(record: Element, kind: Format, path: str, size: int, program: str) -> None:
    facts = _group(record, "电子属性")
    _add(facts, "格式信息", f"{kind.name}, PRONOM {kind.puid}" if kind.puid else kind.name)
    _add(facts, "计算机文件名", path)
    _add(facts, "计算机文件大小", size)
    _add(facts, "文档创建程序", program)


def _notes(item: Item) -> Iterable[str]:
    """What the standard has no element for."""
    if item.control is Control.WORK_SECRET:
        yield "工作秘密"
    if item.trade_secrecy in _TRADE_SECRECY:
        yield f"商业秘密：{_TRADE_SECRECY[item.trade_secrecy]}"
    if item.box is not None:
        yield f"盒号：{item.box.label}"
    for note in item.notes:
        told = "，".join(filter(None, (_NOTE_KINDS.get(note.kind), note.text)))
        yield f"备考表：{told}（{note.person.name}，{note.made_at.astimezone(UTC):%Y-%m-%d}）"


# --- 机构人员实体, 业务实体, 实体关系 ---


def _add_agents(root: Element, facts: ItemFacts) -> None:
    _add_agent(root, facts.item.unit_id, "内设机构", facts.item.unit.name)
    people = {_agent_id(act): act.actor_name if act.actor_id else "" for act in facts.acts}
    people.setdefault(facts.item.accepted_by, facts.names["accepted_by"])
    for agent_id, name in people.items():
        # A program is none of the kinds that the standard knows.
        _add_agent(root, agent_id, "个人" if name else "", name or _PROGRAM)


def _add_agent(root: Element, agent_id: str, kind: str, name: str) -> None:
    agent = add(root, "机构人员实体", 标识符=agent_id)
    _add(agent, "机构人员类型", kind)
    _add(agent, "机构人员名称", name)


def _add_act(root: Element, entry: AuditEntry) -> None:
    act = add(root, "业务实体", 标识符=entry.id)
    _add(act, "业务状态", "历史行为")
    _add(act, "业务行为", words_for(entry.action))
    _add(act, "行为时间", entry.at.astimezone(UTC).isoformat())
    _add(act, "行为描述", entry.details.get("code", ""))


def _agent_id(act: AuditEntry) -> str:
    return act.actor_id or _PROGRAM


def _relate(root: Element, one: str, other: str, relation: str) -> None:
    relationship = add(root, "实体关系")
    _add(relationship, "实体标识符", one)
    _add(relationship, "实体标识符", other)
    _add(relationship, "关系", relation)


def _group(parent: Element, name: str) -> Element:
    return add(parent, name, 编号=ELEMENTS[name])


def _add(parent: Element, name: str, value: object) -> None:
    """An element with a value; one without is left out."""
    if value != "":
        add(parent, name, value, 编号=ELEMENTS[name])
