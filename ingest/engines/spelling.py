"""Writes what recognition read as a person would type it: forms of characters of the page's script, widths of marks."""

import re

from ingest.engines.script import Script, is_han

__all__ = ["as_printed"]

#: forms of one character that are the same to a reader: as printed on the mainland, in Taiwan and Hong Kong, elsewhere
FORMS = (
    "内內", "册冊", "别別", "户戶戸", "产產産", "为為爲", "众眾衆", "启啟啓", "说說説", "脱脫", "税稅",
    "锐銳鋭", "悦悅", "阅閱閲", "教教敎", "绿綠緑", "录錄録", "黄黃", "吕呂", "换換", "虚虛", "温溫",
    "线線綫", "群群羣", "峰峰峯", "却卻", "脚腳", "强強", "床床牀", "秘秘祕", "真真眞", "清清淸", "青青靑",
    "值值値", "没沒", "步步歩", "查查査", "郎郎郞", "墙牆墻", "叙敘敍", "宫宮", "蕴蘊藴", "稳穩", "静靜",
    "净淨", "争爭", "奖獎奬", "将將", "唤喚", "焕煥", "奥奧", "决決", "况況", "减減", "凑湊",
)  # fmt: skip
TRADITIONAL = {ord(form): forms[1] for forms in FORMS for form in forms if form != forms[1]}
SIMPLIFIED = {ord(form): forms[0] for forms in FORMS for form in forms if form != forms[0]}
#: circles that are read for the numeral zero
ZERO = re.compile("(?<=[〇○◯一二三四五六七八九十百年])[○◯](?!\\s*$)|[○◯](?=[〇○◯一二三四五六七八九年.·%])")
#: GB/T 9704 puts the page number between dashes
PAGE_NUMBER = re.compile(r"([-—–一])(\s*\d{1,4}\s*)([-—–一])")
#: a year in a document number stands in such brackets
YEAR = re.compile(r"[\[【〔［]((?:19|20)\d\d)[\]】〕］](?=\s*第?\s*\d+\s*[号號])")
HALF, WIDE = ",:;!?()", "，：；！？（）"
TO_WIDE, TO_HALF = dict(zip(HALF, WIDE, strict=True)), dict(zip(WIDE, HALF, strict=True))


def as_printed(text: str, script: Script) -> str:
    """The text of a line of a page in this script; of the same length, so that the characters keep their places."""
    if page_number := PAGE_NUMBER.fullmatch(text.strip()):
        return text.replace(text.strip(), f"—{page_number[2]}—")
    if script is Script.WESTERN:
        return "".join(TO_HALF.get(char, char) for char in text)
    if script is not Script.MIXED:
        text = text.translate(TRADITIONAL if script is Script.TRADITIONAL else SIMPLIFIED)
    text = YEAR.sub(r"〔\1〕", ZERO.sub("〇", text))
    return "".join(_mark(text, n) for n in range(len(text)))


def _mark(text: str, n: int) -> str:
    """The character at n; a mark beside a Chinese character is wide, one between western ones is not."""
    char = text[n]
    if char not in TO_WIDE and char not in TO_HALF:
        return char
    before, after = text[:n].rstrip()[-1:], text[n + 1 :].lstrip()[:1]
    if is_han(before) or is_han(after):
        return TO_WIDE.get(char, char)
    if _is_western(before) and _is_western(after):
        return TO_HALF.get(char, char)
    return char


def _is_western(char: str) -> bool:
    return char.isascii() and char.isalnum()
