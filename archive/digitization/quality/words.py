"""What a finding about a page, a draft or a batch says to people, and what they do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.digitization.quality.models import CheckOutcome
from archive.platform.i18n import _
from ingest.context import ColourMode

__all__ = ["COLOURS", "DEFECTS", "OUTCOMES", "Words", "describe"]

#: more degrees than this no longer pass (local rules on DA/T 31); fewer are put right in what is derived
SKEW_LIMIT = 3.0


COLOURS = {ColourMode.COLOUR: _("彩色"), ColourMode.GREY: _("灰度"), ColourMode.BILEVEL: _("黑白二值")}

#: how a sampling check ended, with the tone of the word
OUTCOMES = {
    CheckOutcome.OPEN: (_("检查中"), "blue"),
    CheckOutcome.PASSED: (_("验收通过"), "green"),
    CheckOutcome.FAILED: (_("不合格，已退回"), "red"),
}

#: what a person says is wrong with a sampled page
DEFECTS = {
    "skew": _("歪斜"),
    "cut_edge": _("边缘缺字"),
    "blur": _("模糊"),
    "too_dark": _("过暗"),
    "too_light": _("过淡"),
    "colour_missing": _("色彩不符合计划"),
    "number_missing": _("缺页、重页或错序"),
    "wrong_entry": _("图像与著录不符"),
    "other": _("其他质量问题"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A finding in words: `name` for lists, `says` with its `facts`, `mend`: what to do; all message ids.

    `tone` is that of a status: red for what has to be scanned again, amber for what a person has to look at.
    """

    name: str
    says: str
    mend: str
    tone: str = "amber"
    facts: Mapping[str, Any] = field(default_factory=dict)


def describe(code: str, value: float = 0) -> Words:
    """The words for a finding's code and value (see ingest.steps.quality and archive.digitization.quality.rules).

    A code that this version does not know has words, too.
    """
    written = _WORDS.get(code)
    if written is None:
        return Words(_("其他质量问题"), _("这一页有质量问题。"), _("请对照原件查看这一页，必要时重新扫描。"))
    name, says, mend, tone, number = written
    return Words(name, says, mend, "red" if code == "skew" and value > SKEW_LIMIT else tone, {"n": number(value)})


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _tenths(value: float) -> str:
    return f"{value:,.1f}"


_RESCAN = _("请重新扫描这一页后替换。")
_NOT_BACK = _("归还数量不符")
_SEEK = _("请立即清点原件，查明少交的去向。")
_RECOUNT = _("请重新清点原件，多出的查明属于哪一批。")

#: code -> name, what it says, what to do, tone, how its value is written
_WORDS: dict[str, tuple[str, str, str, str, Callable[[float], str]]] = {
    # a page
    "low_resolution": (
        _("分辨率不足"),
        _("分辨率约 {n} dpi，低于 200 dpi。"),
        _("请以 300 dpi 重新扫描这一页后替换。"),
        "red",
        _whole,
    ),
    "skew": (
        _("歪斜"),
        _("页面歪斜 {n} 度。"),
        _("超过 3 度的请摆正后重新扫描；其余不影响阅读的可以保留。"),
        "amber",
        _tenths,
    ),
    "cut_edge": (
        _("边缘缺字"),
        _("图像边缘有 {n} 处内容被切断。"),
        _("请对照原件；原件上完整的，请放正、留出白边后重新扫描。"),
        "red",
        _whole,
    ),
    "dark_border": (
        _("黑边"),
        _("图像四周的黑边占 {n}%。"),
        _("不遮挡内容的可以保留；遮挡内容的，请按幅面重新扫描。"),
        "amber",
        _tenths,
    ),
    "blur": (
        _("模糊"),
        _("笔画模糊，边缘宽度约为字高的 {n}%。"),
        _("请清洁稿台玻璃、压平原件后重新扫描这一页。"),
        "red",
        _whole,
    ),
    "too_dark": (_("过暗"), _("页面过暗，底色亮度只有 {n}%。"), _("请调高扫描亮度后重新扫描这一页。"), "red", _whole),
    "too_light": (
        _("过淡"),
        _("字迹过淡，与纸面的反差只有 {n}%。"),
        _("请调低扫描亮度后重新扫描；原件字迹本来就淡的，请用 300 dpi 灰度扫描。"),
        "red",
        _whole,
    ),
    "low_contrast": (
        _("反差不足"),
        _("字迹与底色的反差只有 {n}%。"),
        _("请调高对比度后重新扫描；原件字迹本来就淡的，请用 300 dpi 灰度扫描。"),
        "red",
        _whole,
    ),
    # the pages of a draft
    "number_missing": (
        _("缺页"),
        _("印刷页码缺少第 {n} 页。"),
        _("请翻查原件：漏扫的补扫后插入；原件本来就缺的，在备考表中写明。"),
        "red",
        _whole,
    ),
    "number_doubled": (
        _("重页"),
        _("印刷页码第 {n} 页出现两次。"),
        _("请比较这两页：重复扫描的移除一页；是两份文件的请分开。"),
        "amber",
        _whole,
    ),
    "number_order": (
        _("页序颠倒"),
        _("印刷页码第 {n} 页排在更大的页码之后。"),
        _("请对照原件，把这一页移到正确的位置。"),
        "amber",
        _whole,
    ),
    "sample_failed": (
        _("抽检不合格"),
        _("本批抽检不合格，差错率 {n}%。"),
        _("请对照原件重新检查；有问题的页重新扫描后替换，再抽检一次。"),
        "red",
        _tenths,
    ),
    # a batch
    "mixed_resolution": (
        _("分辨率不一"),
        _("本批其他页多为另一种分辨率，这一页是 {n} dpi。"),
        _("请核对扫描设置；不是有意为之的，按计划的分辨率重新扫描。"),
        "amber",
        _whole,
    ),
    "mixed_colour": (
        _("色彩模式不一"),
        _("本批其他页多为另一种色彩模式。"),
        _("请核对扫描设置；有红头、印章、照片的页应当用彩色扫描。"),
        "amber",
        _whole,
    ),
    "below_plan": (
        _("低于计划分辨率"),
        _("分辨率 {n} dpi，低于本批计划。"),
        _("请按计划的分辨率重新扫描这一页后替换。"),
        "red",
        _whole,
    ),
    "colour_missing": (
        _("色彩不符合计划"),
        _("色彩模式低于本批计划，看不出红头和印章的颜色。"),
        _RESCAN,
        "red",
        _whole,
    ),
    "pages_differ": (
        _("页数不符"),
        _("扫描页数与计划相差 {n} 页。"),
        _("请清点原件：漏扫的补扫，多扫的移除；计划写错的请更正计划。"),
        "red",
        _whole,
    ),
    "sheets_differ": (
        _("张数不符"),
        _("扫描张数与计划相差 {n} 张。"),
        _("请清点原件：漏扫的补扫，多扫的移除；计划写错的请更正计划。"),
        "red",
        _whole,
    ),
    "items_differ": (
        _("件数不符"),
        _("分出的件数与计划相差 {n} 件。"),
        _("请在看片台核对拆分结果；计划写错的请更正计划。"),
        "red",
        _whole,
    ),
    # the custody of originals
    "items_not_back": (_NOT_BACK, _("原件归还比交出少 {n} 件。"), _SEEK, "red", _whole),
    "sheets_not_back": (_NOT_BACK, _("原件归还比交出少 {n} 张。"), _SEEK, "red", _whole),
    "pages_not_back": (_NOT_BACK, _("原件归还比交出少 {n} 页。"), _SEEK, "red", _whole),
    "items_too_many_back": (_NOT_BACK, _("原件归还比交出多 {n} 件。"), _RECOUNT, "amber", _whole),
    "sheets_too_many_back": (_NOT_BACK, _("原件归还比交出多 {n} 张。"), _RECOUNT, "amber", _whole),
    "pages_too_many_back": (_NOT_BACK, _("原件归还比交出多 {n} 页。"), _RECOUNT, "amber", _whole),
}
