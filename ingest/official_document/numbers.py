"""The document number (发文字号), such as 江海办发〔2021〕12号; also those of minutes, orders, contracts, letters."""

import re

from ingest.official_document.regions import Regions
from ingest.official_document.rows import Found, Row

__all__ = ["find_number", "is_number", "year_of"]

#: what may stand right of the number in documents to a superior
SIGNER = r"(?:(?:签发人|簽發人|会签人|會簽人).*)?"
#: issuer's code, year, running number
OFFICIAL = re.compile(
    r"(?:发文字号：|發文字號：|文号：|文號：)?(?P<code>[\u4e00-\u9fff·]{0,14}?)(?P<open>〔?)(?P<year>(?:18|19|20)\d{2}|(?<=〔)\d{2})(?P<close>〕?)"
    r"(?P<nth>第?)0*(?P<number>[1-9]\d{0,4})(?P<unit>[号號期])" + SIGNER
)
#: （80）江经字第12号, as was usual until about 1990
YEAR_FIRST = re.compile(
    r"〔(?P<year>(?:19)?\d{2})〕(?P<code>[\u4e00-\u9fff]{1,10}字)第0*(?P<number>[1-9]\d{0,3})(?P<unit>[号號])" + SIGNER
)
#: 2021年第3号 of announcements
OF_YEAR = re.compile(r"〔?(?P<year>(?:19|20)\d{2})年第0*(?P<number>[1-9]\d{0,3})(?P<unit>[号號期])〕?")
#: 府教字第1100023456號
TAIWAN = re.compile(r"(?:發文字號|发文字号|字號)?：?(?P<value>[\u4e00-\u9fff]{1,8}字第[0-9A-Z]{4,14}[號号])")
#: 第5号 of an order, 第12期 of a bulletin
PLAIN = re.compile(
    r"〔?第?0*(?P<number>[1-9]\d{0,3}|[一二三四五六七八九十百]{1,4})(?P<unit>[号號期])〕?(?:〔总第.*〕|〔總第.*〕)?"
)
#: 合同编号：JH-2021-046 and the like
NAMED = re.compile(
    r"(?:合同编号|合同编码|合同号|合約編號|合同編號|協議編號|协议编号|編號|编号|文号|文號|ContractNo\.?|AgreementNo\.?)[：.]?(?P<value>[\w\-—–/.〔〕]{3,30})",
    re.IGNORECASE,
)
REFERENCE = re.compile(
    r"(?:our\s+)?ref(?:erence|\.)?(?:\s+no\.?|\s+number)?\s*[:：]\s*(?P<value>\S[\w\-/. ]{2,30})", re.IGNORECASE
)
#: numbers stand in the upper part of the first page, those without the issuer's code right below the head
LOWEST, PLAIN_LOWEST = 0.6, 0.45


def find_number(regions: Regions) -> Found | None:
    """The number on the first page; one that is quoted inside a sentence is another document's."""
    upper = [row for row in regions.first if row.top <= LOWEST]
    for rule in (_official, _year_first, _taiwan, _of_year, _named, _reference, _plain):
        found = [number for row in upper if (number := rule(row))]
        if found:
            return max(found, key=lambda number: number.confidence)
    return None


def is_number(row: Row) -> bool:
    """Whether the row is a document number and nothing else."""
    return any(pattern.fullmatch(row.plain) for pattern in (OFFICIAL, YEAR_FIRST, OF_YEAR, TAIWAN, PLAIN, NAMED))


def year_of(number: str) -> int:
    """The four-digit year in a number, 0 if it has none; 〔80〕 is 1980."""
    match = re.search(r"〔((?:18|19|20)?\d{2})〕|^(\d{4})年", number)
    year = int(match[1] or match[2]) if match else 0
    return 1900 + year if 0 < year < 100 else year


def _official(row: Row) -> Found | None:
    match = OFFICIAL.fullmatch(row.plain)
    if match is None:
        return None
    nth = "第" if match["nth"] and match["unit"] == "期" else ""
    value = f"{match['code']}〔{match['year']}〕{nth}{match['number']}{match['unit']}"
    bare = not (match["open"] and match["close"])
    return Found(value, row, 0.6 if bare else 0.97 if match["code"] else 0.93)


def _year_first(row: Row) -> Found | None:
    match = YEAR_FIRST.fullmatch(row.plain)
    if match is None:
        return None
    return Found(f"〔{match['year']}〕{match['code']}第{match['number']}{match['unit']}", row, 0.95)


def _of_year(row: Row) -> Found | None:
    match = OF_YEAR.fullmatch(row.plain)
    if match is None or not row.centred or row.top > PLAIN_LOWEST:
        return None
    return Found(f"{match['year']}年第{match['number']}{match['unit']}", row, 0.93)


def _taiwan(row: Row) -> Found | None:
    match = TAIWAN.fullmatch(row.plain)
    return Found(match["value"], row, 0.95) if match else None


def _named(row: Row) -> Found | None:
    match = NAMED.fullmatch(row.plain)
    return Found(re.sub("[—–]", "-", match["value"]), row, 0.94) if match else None


def _reference(row: Row) -> Found | None:
    match = REFERENCE.fullmatch(row.text.strip())
    return Found(match["value"].strip(), row, 0.92) if match else None


def _plain(row: Row) -> Found | None:
    match = PLAIN.fullmatch(row.plain)
    if match is None or not row.centred or row.top > PLAIN_LOWEST:
        return None
    return Found(f"第{match['number']}{match['unit']}", row, 0.9)
