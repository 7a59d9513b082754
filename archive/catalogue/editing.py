"""The text of a page on its way to the editor in the browser, and back: lines with their places. Pure."""

import re
from typing import Any

from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from ingest.context import PageText
from ingest.correction import NewLine, correct_page

__all__ = ["EDITOR_WORDS", "edited", "lines_shown"]

#: what the editor says by itself
EDITOR_WORDS = {
    "line": _("第 {n} 行"),
    "remove": _("删除"),
    "keep": _("不删除"),
    "unsaved": _("有更正尚未保存"),
    "saved": _("已保存"),
    "machine": _("机器识别，未经更正"),
    "corrected": _("已人工更正"),
    "doubtful": _("{n} 行存疑"),
    "draw": _("请在图像上拖出这一行的位置。"),
    "away": _("没有保存：服务器没有应答。您改的字还在，请稍后再试。"),
    "expired": _("没有保存：登录已过期。请在新窗口登录后，回到这里再保存；您改的字还在。"),
    "restore": _("恢复机器识别的文字？这一页的更正将被撤销。"),
    "reload": _("载入最新文字？尚未保存的更正将丢失。"),
}

#: a page has fewer lines, and a line fewer characters
_MOST_LINES, _MOST_CHARACTERS = 5_000, 2_000
#: what neither databases nor XML can hold
_NO_WRITING = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def lines_shown(text: PageText | None) -> list[dict[str, Any]]:
    """The lines in their order: `text`, the four corners `quad` in pixels of the page, and `confidence`."""
    lines = text.lines if text else ()
    return [{"text": line.text, "quad": line.quad, "confidence": line.confidence} for line in lines]


def edited(text: PageText, sent: Any) -> PageText:
    """The page with the lines that the editor sent: each with `text`, and `index` of the line it was or its `box`.

    Raises InvalidError.
    """
    if not isinstance(sent, list) or len(sent) > _MOST_LINES:
        raise _wrong()
    try:
        return correct_page(text, [_line(one) for one in sent])
    except (IndexError, TypeError, ValueError, OverflowError) as error:
        raise _wrong() from error


def _line(sent: Any) -> NewLine:
    if not isinstance(sent, dict) or not isinstance(sent.get("text"), str):
        raise _wrong()
    words = _NO_WRITING.sub(" ", sent["text"])
    if len(words) > _MOST_CHARACTERS:
        raise InvalidError(_("一行最多 {n} 个字，请分成几行。"), field="lines", n=_MOST_CHARACTERS)
    index, box = sent.get("index"), sent.get("box")
    if index is not None:
        if not isinstance(index, int):
            raise _wrong()
        return NewLine(words, index)
    if not isinstance(box, list) or len(box) != 4:
        raise _wrong()
    left, top, right, bottom = (float(side) for side in box)
    return NewLine(words, box=(left, top, right, bottom))


def _wrong() -> InvalidError:
    return InvalidError(_("提交的内容有误。"), field="lines")
