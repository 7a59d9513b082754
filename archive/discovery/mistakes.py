"""What is wrong with a query, and what to write instead, for people; codes are those of search."""

from archive.platform.i18n import _

__all__ = ["MISTAKES"]

MISTAKES = {
    "operand-missing": _("“与、或、非”（AND、OR、NOT）的前后都要有检索词。"),
    "field-empty": _("字段名和冒号之后要写检索词，例如 题名:总结。"),
    "year-wrong": _("年度要写四位数字，例如 年度:2021 或 年度:2019..2021。"),
    "nothing-to-find": _("检索式里只有符号，请写上要找的词。"),
    "too-long": _("检索式太长，请只保留关键的词句。"),
    "too-deep": _("括号的层次太多，请简化检索式。"),
}
