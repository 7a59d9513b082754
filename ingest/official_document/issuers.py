"""Who issued a document, and to whom: the head, the signature, the parties; the line that is addressed."""

import re
from collections.abc import Sequence

from ingest.official_document.rows import Found, Row

__all__ = ["find_addressee", "find_issuer"]

ORGANISATION = re.compile(
    r"[\u4e00-\u9fffA-Za-z〔〕·]{2,40}(?:公司|集团|集團|部|局|厅|廳|委员会|委員會|办公室|辦公室|办公厅|政府|学院|學院|医院|醫院|大学|大學|中心|处|處|科|室"
    r"|协会|協會|工会|工會|站|所|馆|館|银行|銀行|党委|黨委|厂|廠|车间|領導小組|领导小组|支行|分行|社)"
)
WESTERN = re.compile(
    r"[A-Z][\w&.,' -]{2,60}?\b"
    r"(?:LIMITED|Limited|LTD|Ltd|INC|Inc|CORPORATION|Corporation|COMPANY|Company|CO|LLC|PLC|GmbH)\.?,?"
)
PARTY = re.compile(r"(?:甲方|委托方|委託方|发包方|發包方|买方|買方)(?:〔[^〕]*〕)?：(?P<value>[^：]{4,40})")
#: what a head may bear besides the name of the issuer
SUFFIX = re.compile(r"〔?(?:文件|公文|函|用笺|用箋|便函)〕?")
#: the head stands in this part of the first page and is taller than this multiple of the text
HEAD, TALL = 0.4, 1.4


def find_issuer(rows: Sequence[Row], number: Found | None, title: Found | None, date: Found | None) -> Found | None:
    """The issuer from the head, else from the line beside or above the date, else the first party of a contract."""
    first = [row for row in rows if row.page == 1]
    return (
        _head(first, number, title)
        or _beside(rows, date)
        or _signature(rows, date)
        or _party(first)
        or _letterhead(first)
    )


def _head(rows: Sequence[Row], number: Found | None, title: Found | None) -> Found | None:
    """The tallest name of an organisation above the number and the title."""
    ends = [found.row.index for found in (number, title) if found and found.row.page == 1]
    above = [row for row in rows if row.index < min(ends, default=0) and row.top <= HEAD and row.size >= TALL]
    for row in sorted(above, key=lambda row: -row.size):
        name = SUFFIX.sub("", row.plain) if row.plain.endswith(("文件", "文件〕", "函", "笺", "箋")) else row.plain
        if ORGANISATION.fullmatch(name):
            return Found(_restored(name), row, 0.95)
    return None


def _beside(rows: Sequence[Row], date: Found | None) -> Found | None:
    """Minutes and bulletins name the issuer at the left of the date below their head."""
    if not date or date.row.top > HEAD:
        return None
    for row in rows:
        level = row.page == date.row.page and abs(row.top - date.row.top) < 0.02
        if level and row.right <= date.row.left and ORGANISATION.fullmatch(row.plain):
            return Found(_restored(row.plain), row, 0.9)
    return None


def _signature(rows: Sequence[Row], date: Found | None) -> Found | None:
    """The name above the date at the end; a signer's own name may stand between."""
    if not date:
        return None
    end = rows.index(date.row)
    for row in reversed(rows[max(0, end - 3) : end]):
        if row.left > 0.3 and ORGANISATION.fullmatch(row.plain):
            return Found(_restored(row.plain), row, 0.85)
    return None


def _party(rows: Sequence[Row]) -> Found | None:
    for row in rows:
        if (match := PARTY.fullmatch(row.plain)) and ORGANISATION.fullmatch(match["value"]):
            return Found(_restored(match["value"]), row, 0.85)
    return None


def _letterhead(rows: Sequence[Row]) -> Found | None:
    """The first line of a western letter, if it names a company."""
    for row in rows[:3]:
        if WESTERN.fullmatch(row.text.strip()):
            return Found(row.text.strip(), row, 0.8)
    return None


def find_addressee(rows: Sequence[Row], title: Found | None) -> Found | None:
    """The line below the title that ends with a colon: 各部门、各子公司：."""
    if not title:
        return None
    below = [row for row in rows if row.page == title.row.page and title.row.index < row.index <= title.row.index + 5]
    for row in below:
        text = row.text.strip()
        if text.endswith(("：", ":")) and 2 < len(text) <= 60 and "如下" not in text and not text.startswith("Dear"):
            return Found(text.rstrip("：:"), row, 0.9 if row.left < 0.3 else 0.5)
    return None


def _restored(name: str) -> str:
    """Brackets inside a name are round."""
    return name.replace("〔", "（").replace("〕", "）")
