"""Marks at the head of a page: secrecy with its term, and urgency."""

import re
from collections.abc import Sequence

from ingest.official_document.rows import Found, Row

__all__ = ["find_secrecy", "find_term", "find_urgency", "is_mark"]

#: the star between level and term is often misread: any one or two signs may stand there
LEVEL = r"(?P<level>绝密|絕密|絕對機密|极机密|極機密|机密|機密|秘密|核心商密|普通商密)"
TERM = r"(?:\d{1,2}年|\d{1,2}[个個]?月|长期|長期)"
SECRET = re.compile(
    rf"(?:密级：?|密級：?|\d{{6}})?{LEVEL}(?P<term>[^\w\u4e00-\u9fff]{{0,2}}.?{TERM})?[^\w]{{0,2}}(?:特提|特急|加急|平急|急件)?"
)
INTERNAL = re.compile(r"(?:内部|內部)(?:资料|資料|文件|使用|公开)?")
URGENT = re.compile(
    r"(?:(?:紧急程度|緊急程度|缓急|緩急|速别|速別)：?)?(?P<level>特提|特急|加急|平急|急件|紧急|緊急|最速件|速件)"
)
AFTER_SECRECY = re.compile(rf"{LEVEL}.{{0,8}}?(?P<level_of_urgency>特提|特急|加急|平急|急件)")
#: marks stand in this upper part of a page; elsewhere such a line may be a heading
HEAD = 0.35


def is_mark(row: Row) -> bool:
    """Whether the row is a mark and nothing else."""
    return any(pattern.fullmatch(row.plain) for pattern in (SECRET, INTERNAL, URGENT))


def find_secrecy(rows: Sequence[Row]) -> Found | None:
    """The highest mark on any page, as 机密★10年 or 秘密; 内部 where nothing higher stands."""
    secret = [Found(_secret(match), row, _sure(row)) for row in rows if (match := SECRET.fullmatch(row.plain))]
    internal = [Found("内部", row, _sure(row)) for row in rows if INTERNAL.fullmatch(row.plain)]
    return min(secret, key=lambda found: _rank(found.value)) if secret else next(iter(internal), None)


def find_term(secrecy: Found | None) -> Found | None:
    """How long the secrecy lasts, as it is printed: 10年."""
    if secrecy is None or not (term := secrecy.value.partition("★")[2]):
        return None
    return Found(term, secrecy.row, secrecy.confidence)


def find_urgency(rows: Sequence[Row]) -> Found | None:
    """The urgency at the head of the first page, as it is printed."""
    for row in rows:
        if row.page != 1 or row.top > HEAD:
            continue
        if match := URGENT.fullmatch(row.plain):
            return Found(match["level"], row, 0.95)
        if match := AFTER_SECRECY.fullmatch(row.plain):
            return Found(match["level_of_urgency"], row, 0.95)
    return None


def _secret(match: re.Match[str]) -> str:
    term = re.search(TERM, match["term"] or "")
    return f"{match['level']}★{term[0]}" if term else match["level"]


def _rank(value: str) -> int:
    return ("绝", "絕", "极", "極", "机", "機", "秘", "核", "普").index(value[0]) if value else 9


def _sure(row: Row) -> float:
    return 0.95 if row.top <= HEAD else 0.6
