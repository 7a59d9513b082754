"""The document number (发文字号), such as 江海办发〔2021〕12号; also numbers of minutes, contracts and letters."""

import re
from collections.abc import Sequence

from ingest.official_document.rows import Found, Row

__all__ = ["find_number", "is_number"]

#: issuer's code, year, running number, on a line of its own or before the name of the signer
OFFICIAL = re.compile(
    r"(?P<code>[\u4e00-\u9fff]{0,12}?)〔?(?P<year>(?:19|20)\d{2})〕(?:第)?0*(?P<number>\d{1,5})(?P<unit>[号號期])(?:签发人.*|簽發人.*)?"
)
#: 合同编号：JH-2021-046 and the like
NAMED = re.compile(
    r"(?:合同编号|合同编码|合同号|合約編號|合同編號|协议编号|協議編號|编号|編號|文号|文號)：(?P<value>[\w\-—/.〔〕]{3,30})"
)
REFERENCE = re.compile(
    r"(?:our\s+)?ref(?:erence|\.)?(?:\s+no\.?)?\s*[:：]\s*(?P<value>\S[\w\-/. ]{2,30})", re.IGNORECASE
)
#: numbers stand in the upper part of the first page
LOWEST = 0.6


def find_number(rows: Sequence[Row]) -> Found | None:
    """The number on the first page; one that is quoted inside a sentence is another document's."""
    first_page = [row for row in rows if row.page == 1 and row.top <= LOWEST]
    for row in first_page:
        if match := OFFICIAL.fullmatch(row.plain):
            return Found(_official(match), row, 0.97 if match["code"] else 0.85)
    for row in first_page:
        if match := NAMED.fullmatch(row.plain):
            return Found(match["value"].replace("—", "-"), row, 0.9)
        if match := REFERENCE.fullmatch(row.text.strip()):
            return Found(match["value"].strip(), row, 0.8)
    return None


def is_number(row: Row) -> bool:
    """Whether the row is a document number and nothing else."""
    return bool(OFFICIAL.fullmatch(row.plain) or NAMED.fullmatch(row.plain))


def _official(match: re.Match[str]) -> str:
    return f"{match['code']}〔{match['year']}〕{match['number']}{match['unit']}"
