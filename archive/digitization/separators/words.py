"""The words for how a batch is divided, and for what is doubtful about it, as message ids."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from archive.digitization.models import SplitRule
from archive.platform.i18n import _

__all__ = ["CARRIES", "SPLIT_RULES", "Words", "carried", "describe"]


class Words(NamedTuple):
    """A message id, and what its names stand for."""

    message: str
    facts: dict[str, Any]


#: how pages become items: what to call it, and when to choose it
SPLIT_RULES = {
    SplitRule.FILE: (_("每个文件一件"), _("每个文件作为一件，不再拆分。")),
    SplitRule.SEPARATORS: (_("按分隔页拆分"), _("每件之前放一张打印的分隔页，或扫描仪自带的补丁码页。")),
    SplitRule.BLANK: (_("按空白纸拆分"), _("每件之间放一张空白纸；双面扫描时正反两面都空白才算。")),
    SplitRule.EVERY: (_("每 n 页一件"), _("页数固定的表单、凭证适用。")),
}

#: what a separator sheet says about the item that it begins
CARRIES = {
    "plain": _("仅分隔"),
    "box": _("档案盒"),
    "code": _("档号"),
    "entry": _("清单条目"),
}

#: the place of a finding: `file` and `page`, or between these and `next_file` and `next_page`
_MESSAGES = {
    "separators_missing": _(
        "分隔页第 {numbers} 张（共 {count} 张）没有找到，应在“{file}”第 {page} 页与“{next_file}”第 {next_page} 页之间。"
        "请核对这些页是否需要拆开。"
    ),
    "separators_before": _(
        "分隔页第 {numbers} 张（共 {count} 张）没有找到，应在“{next_file}”第 {next_page} 页之前。没有用到时可忽略。"
    ),
    "separators_after": _(
        "分隔页第 {numbers} 张（共 {count} 张）没有找到，应在“{file}”第 {page} 页之后。没有用到时可忽略。"
    ),
    "separators_unasked": _(
        "这份文件里有 {sheets} 张分隔页，但这一批按“每个文件一件”收入，没有拆分。请核对是否需要拆分。"
    ),
    "separators_disordered": _(
        "“{file}”第 {page} 页是分隔页第 {number} 张，次序不对。请核对页面是否放乱，或分隔页是否重复使用。"
    ),
    "separators_none": _("没有找到分隔页，全部页面成为一件。请核对拆分方式，或在看片台上手工拆分。"),
    "separator_doubtful": _(
        "“{file}”第 {page} 页像是分隔页，但读不出编码，已单独列出。请看图后决定：是分隔页，还是文件的一页。"
    ),
    "separator_near": _("旁边有一页像是分隔页，但读不出编码。请核对这一件是否完整。"),
    "blanks_none": _("没有找到空白纸，全部页面成为一件。请核对拆分方式，或在看片台上手工拆分。"),
    "sides_odd": _("“{file}”共 {pages} 页，不是双面扫描的偶数页。请核对是否漏扫一面。"),
    "pages_short": _(
        "从“{file}”第 {page} 页起的一件只有 {pages} 页，应为 {expected} 页。请核对是否缺页，或前面多出了页。"
    ),
    "page_unreadable": _("“{file}”第 {page} 页未能读取，不知道是不是分隔页。请重新扫描这一页。"),
    "page_doubled": _("第 {page} 页与这一件的第 {twin_page} 页几乎相同，可能重复扫描。请核对后移除一页。"),
    "near_duplicate": _("第 {page} 页与另一件的第 {twin_page} 页几乎相同，可能是重复扫描。请对照后决定。"),
    "box_unknown": _("分隔页上的档案盒“{label}”不在目录中。请选择档案盒，或先建立这一盒。"),
    "box_of_other_fonds": _("分隔页上的档案盒“{label}”属于另一全宗。请另选档案盒。"),
}
_UNKNOWN = _("拆分结果有疑问，请核对这一件的页面。")


#: a line of `Draft.separator`, by what stands before its colon
_CARRIED = {"box": _("档案盒：{payload}"), "code": _("档号：{payload}"), "entry": _("清单条目：{payload}")}


def carried(separator: str) -> list[Words]:
    """What the sheets before a draft say of it (`Draft.separator`)."""
    lines = (line.partition(":") for line in separator.splitlines())
    return [Words(_CARRIED[kind], {"payload": payload}) for kind, _colon, payload in lines if kind in _CARRIED]


def describe(code: str, value: Mapping[str, Any] | None) -> Words:
    """What a finding of a batch or a draft says to a person; `value` is what it was kept with."""
    message = _MESSAGES.get(code)
    return Words(message, dict(value or {})) if message else Words(_UNKNOWN, {})
