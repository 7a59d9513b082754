"""What goes with a document: the list of its attachments (附件说明), and who gets copies (抄送)."""

import re
from collections.abc import Sequence

from ingest.official_document.dates import is_date
from ingest.official_document.regions import Regions
from ingest.official_document.rows import Found, Row, tidy
from ingest.official_document.words import is_organisation

__all__ = ["find_attachments", "find_copies"]

ATTACHED = re.compile(r"附(?:件|表)?：(?P<names>.*)")
ENCLOSED = re.compile(r"(?:Enclosures?|Encls?\.?|Attachments?)\s*[:：]?\s*(?P<names>\S.*)", re.IGNORECASE)
NUMBERED = re.compile(r"[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.、．)）]\s*(?!\d)(?P<name>\S.*)")
COPIES = re.compile(r"(?:抄送|抄报|抄報|抄发|分送|分发|副本)(?:单位|單位|机关|機關)?：(?P<names>.*)")
#: the next part of the imprint
OTHER = re.compile(
    r"(?:主题词|主題詞|抄送|抄报|抄報|分送|分发|发送|印送|打印|校对)[^：]{0,3}：.*|.*\d日?印发?制?|〔共印.*"
)
MOST = 30


def find_attachments(regions: Regions) -> Found | None:
    """The names of the attachments, one a line, without their numbers."""
    for place, row in enumerate(regions.main):
        if match := ATTACHED.match(row.text.strip().replace(":", "：", 1)):
            return _listed(match["names"], row, regions.main[place + 1 : place + MOST])
        if match := ENCLOSED.fullmatch(row.text.strip()):
            return Found(match["names"], row, 0.85)
    return None


def find_copies(regions: Regions) -> Found | None:
    """Who gets copies, as it is printed, without the full stop."""
    for place, row in enumerate(regions.imprint):
        if match := COPIES.match(row.text.strip().replace(":", "：", 1)):
            lines, used = [match["names"]], [row]
            for further in regions.imprint[place + 1 :]:
                if lines[-1].endswith("。") or OTHER.fullmatch(further.plain) or further.page != row.page:
                    break
                if is_organisation(further.plain) and further.right < 0.75:
                    break
                lines.append(further.text.strip())
                used.append(further)
            return Found(tidy("".join(lines)).rstrip("。"), row, 0.93, tuple(used))
    return None


def _listed(first: str, row: Row, below: Sequence[Row]) -> Found | None:
    """`first`: what stands behind 附件：; the others stand below, each with its number, perhaps over two lines."""
    names, used = [_without_number(first)] if first else [], [row]
    numbered = bool(NUMBERED.match(first)) or not first
    for further in below:
        begins = NUMBERED.match(further.text.strip())
        if is_date(further) or is_organisation(further.plain) or further.left > 0.5:
            break
        if begins and numbered:
            names.append(begins["name"])
        elif names and _goes_on(further, used[-1], row):
            names[-1] += further.text.strip()
        else:
            break
        used.append(further)
    names = [tidy(name).rstrip("。；;") for name in names]
    return Found("\n".join(names), row, 0.92 if names and all(names) else 0.5, tuple(used)) if names else None


def _goes_on(row: Row, above: Row, first: Row) -> bool:
    """Whether a line is the rest of the name above it: that fills its line, and this one is set in as the names are."""
    return above.right > 0.8 and row.left > first.left + 0.04 and row.page == above.page


def _without_number(text: str) -> str:
    match = NUMBERED.match(text)
    return match["name"] if match else text
