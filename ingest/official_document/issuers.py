"""Who issued a document, and to whom: the head, the signature, the parties; the line that is addressed."""

import re
from collections.abc import Sequence

from ingest.official_document.dates import named_date
from ingest.official_document.numbers import is_number
from ingest.official_document.regions import Regions
from ingest.official_document.rows import HAN, Found, Row, tidy
from ingest.official_document.words import is_organisation, simplified

__all__ = ["BETWEEN", "find_addressee", "find_issuer"]

#: stands between the names of several issuers
BETWEEN = "；"
WESTERN = re.compile(
    r"(?:THE |The )?[A-Z][\w&.,'’() -]{2,70}?\b"
    r"(?:LIMITED|Limited|LTD|Ltd|INC|Inc|CORPORATION|Corporation|COMPANY|Company|CO|Co|LLC|PLC|plc|GmbH|COUNCIL|Council|OFFICE|Office"
    r"|LIBRARY|Library|UNIVERSITY|University|MINISTRY|Ministry|DEPARTMENT|Department|AGENCY|Agency|COMMITTEE|Committee|BOARD|Board"
    r"|ASSOCIATION|Association|AUTHORITY|Authority|BANK|Bank|SOCIETY|Society|TRUST|Trust|GROUP|Group|HOSPITAL|Hospital|SCHOOL|School)\.?,?"
    r"(?: (?:of|OF) .{2,30})?"
    r"|(?:THE |The )?(?:CITY|City|TOWN|Town|COUNTY|County|PORT|Port) (?:OF|of) [A-Z][A-Za-z .-]{2,30}"
)
FIRST_PARTY = re.compile(
    r"(?:立合同人|立約人|立合約人)?[〔]?(?:甲方|委托方|委託方|发包方|發包方|发包人|發包人|买方|買方|出租方|采购方|採購方|需方|委托人|甲\s*方)〔?[^：]{0,12}：(?P<value>[^：]{2,45})"
)
#: what a head may bear besides the name of the issuer
SUFFIX = re.compile(r"〔?(?:文件|公文|函|用笺|用箋|便函|令|命令|公告|通告)〕?")
UNREADABLE_DATE = re.compile(r".{0,5}年.{0,3}月.{0,4}|.{1,3}月.{1,3}日?")
#: what is left of a name whose place stands under a seal
CUT = re.compile(r"[市县縣区區镇鎮乡鄉省]")
ORDER = re.compile(r"(?:令|命令|公告|通告)$")
ONLY_SUFFIX = re.compile(r"〔?(?:文件|公文)〕?")
MAKER = re.compile(
    r"(?:填报|填報|制表|製表|编制|編製|报送|報送|发文|發文|主办|主辦|申报|申報|填表)(?:单位|單位|机关|機關|部门|部門)(?:〔[^〕]*〕)?：(?P<value>.+)"
)
#: how letters of Taiwan, and forms, name whom they are for
ADDRESSED = re.compile(r"(?:受文者|主送机关|主送單位|主送单位)：(?P<value>.{2,60})")
NOT_ADDRESSED = re.compile(
    r".*(?:如下|Dear|附件|附|Subject|Re|地点|时间|签发人|联系人|電話|電子郵件|主旨|說明|辦法|正本|副本|编号)[^：]{0,2}："
)
#: the head stands in this part of the first page and is taller than this multiple of the text
HEAD, TALL = 0.45, 1.3
#: so many lines above the date the name of the issuer may stand
SIGNATURE = 6
ADDRESSEE_LINES = 4
#: what the engine is less sure of may be no writing
DOUBTFUL = 0.5
#: so many columns before the date, in vertical text
COLUMNS = 2


def find_issuer(
    regions: Regions, number: Found | None, title: Found | None, date: Found | None, *, contract: bool
) -> Found | None:
    """The issuer from the head and the signature, which should agree; for a contract the first party."""
    if contract and (party := _party(regions.first)):
        return party
    head = _head(regions.first, number, title) or _of_order(title)
    signed = _signature(regions, date)
    if head and signed:
        return _agreed(head, signed)
    return (
        head
        or _named(regions.first)
        or _beside(regions, date)
        or _in_column(regions, date)
        or signed
        or _party(regions.first)
        or _letterhead(regions.first)
    )


def find_addressee(regions: Regions, title: Found | None) -> Found | None:
    """The line below the title that ends with a colon: 各部门、各子公司：, perhaps with lines before it."""
    if not title:
        return None
    for row in regions.first:
        if (match := ADDRESSED.fullmatch(row.plain)) and row.top < title.row.top:
            return Found(_restored(match["value"]), row, 0.93)
    last = title.read_from[-1]
    lines: list[Row] = []
    for row in [row for row in regions.first if row.index > last.index][: ADDRESSEE_LINES + 1]:
        text = row.text.strip()
        if NOT_ADDRESSED.match(row.plain) or "。" in text:
            return None
        if not lines and (is_number(row) or (row.centred and row.size > 1.1)):
            continue
        lines.append(row)
        if text.endswith(("：", ":")):
            return _addressed(lines)
    return None


def _addressed(lines: Sequence[Row]) -> Found | None:
    value = tidy("".join(line.text.strip() for line in lines)).rstrip("：:")
    if not HAN.search(value) or len(value) < 2:
        return None
    return Found(value, lines[0], 0.93 if lines[0].left < 0.3 and len(value) <= 150 else 0.5, tuple(lines))


def _head(rows: Sequence[Row], number: Found | None, title: Found | None) -> Found | None:
    """The names of organisations above the number and the title, in the largest print; several issue jointly."""
    ends = [found.row.top for found in (number, title) if found and found.row.page == 1]
    above = [row for row in rows if row.top < min(ends, default=HEAD) and row.top <= HEAD and row.size >= TALL]
    names = [(row, name) for row in above if (name := _name_in_head(row))]
    if not names:
        return None
    largest = max(row.size for row, _ in names)
    names = [(row, name) for row, name in names if row.size >= 0.75 * largest]
    certain = any(SUFFIX.search(row.plain[-3:]) for row in above) or number is not None
    used = {row.index for row, _ in names}
    if any(row.index not in used and _beside_names(row, largest) for row in above):
        sure = 0.6  # another name may stand there, misread
    else:
        sure = 0.95 if certain else 0.88
    rows_used = tuple(row for row, _ in names)
    return Found(BETWEEN.join(_restored(name) for _, name in names), names[0][0], sure, rows_used)


def _beside_names(row: Row, largest: float) -> bool:
    return row.size >= 0.75 * largest and not ONLY_SUFFIX.fullmatch(row.plain) and len(row.plain) > 2


def _of_order(title: Found | None) -> Found | None:
    """The head of an order names who gives it: 江海市人民政府令."""
    name = ORDER.sub("", title.value) if title and title.row.size >= TALL else ""
    if title is None or name == title.value or not is_organisation(name):
        return None
    return Found(name, title.row, 0.95, title.rows)


def _name_in_head(row: Row) -> str:
    if ONLY_SUFFIX.fullmatch(row.plain):
        return ""
    bare = SUFFIX.sub("", row.plain) if SUFFIX.fullmatch(row.plain[-2:]) or SUFFIX.fullmatch(row.plain[-1:]) else ""
    if bare and len(bare) >= 3 and (is_organisation(bare) or row.plain.endswith("文件")):
        return bare
    return row.plain if is_organisation(row.plain) else ""


def _named(rows: Sequence[Row]) -> Found | None:
    """The unit that a list or a form names as its maker."""
    for row in rows:
        if (match := MAKER.fullmatch(row.plain)) and is_organisation(match["value"]):
            return Found(_restored(match["value"]), row, 0.93)
    return None


def _beside(regions: Regions, date: Found | None) -> Found | None:
    """Minutes and bulletins name the issuer at the left of the date below their head."""
    if not date or date.row.page != 1 or date.row.top > 0.5:
        return None
    for row in regions.first:
        if row is not date.row and row.level_with(date.row) and is_organisation(row.plain):
            return Found(_restored(row.plain), row, 0.95)
    return _on_one_line(date.row)


def _in_column(regions: Regions, date: Found | None) -> Found | None:
    """Vertical letters name the issuer in one of the columns before that of the date."""
    if not date or not date.row.column:
        return None
    place = regions.main.index(date.row)
    for row in reversed(regions.main[max(0, place - COLUMNS) : place]):
        if row.column and is_organisation(row.plain):
            return Found(_restored(row.plain), row, 0.85)
    return None


def _signature(regions: Regions, date: Found | None) -> Found | None:
    """The names above the date at the end; a signer's own name may stand between."""
    dated = date.row if date and date.confidence > 0.35 else _dated(regions.main)
    if dated is None or dated not in regions.main or (dated.page == 1 and dated.top < 0.25):
        return None
    end = regions.main.index(dated)
    names: list[Row] = []
    for row in reversed(regions.main[max(0, end - SIGNATURE) : end]):
        if (
            row.left > 0.12
            and not row.column
            and is_organisation(row.plain)
            and not row.text.rstrip().endswith(("。", "："))
        ):
            names.insert(0, row)
        elif len(row.plain) <= 2 and row.confidence < DOUBTFUL:
            continue  # a stain, or what is left of a seal
        elif names or row.left < 0.2:
            break
    if not names:
        return _on_one_line(dated)
    together = BETWEEN.join(_restored(row.plain) for row in names)
    certain = 0.5 if any(CUT.match(row.plain) for row in names) else 0.9 if names[-1].left > 0.3 else 0.75
    return Found(together, names[0], certain, tuple(names))


def _dated(rows: Sequence[Row]) -> Row | None:
    """The last line at the right that looks like a date, though it cannot be read as one."""
    return next((row for row in reversed(rows) if row.left > 0.4 and UNREADABLE_DATE.fullmatch(row.plain)), None)


def _on_one_line(row: Row) -> Found | None:
    """Name and date that were read as one line."""
    name, _ = named_date(row)
    return Found(_restored(name), row, 0.85) if name else None


def _agreed(head: Found, signed: Found) -> Found:
    """The head, as sure as the signature bears it out."""
    further = set(signed.value.split(BETWEEN)) - set(head.value.split(BETWEEN))
    if head.value in signed.value and further and not any(_abridges(name, head.value) for name in further):
        # Another name of the head was missed.
        return Found(signed.value, signed.row, 0.8, signed.rows)
    ours, theirs = simplified(head.value), simplified(signed.value)
    if ours == theirs or _abridges(theirs, ours) or _abridges(ours, theirs):
        return Found(head.value, head.row, 0.98, head.rows)
    if len(ours) == len(theirs) and sum(a != b for a, b in zip(ours, theirs, strict=True)) <= 2:
        # One of the two was misread.
        better = max((head, signed), key=lambda found: min(row.legible for row in found.read_from))
        return Found(better.value, better.row, 0.75, better.rows)
    return Found(head.value, head.row, 0.85, head.rows)


def _abridges(short: str, long: str) -> bool:
    """Whether all characters of one stand in the other in the same order."""
    signs = iter(long)
    return len(short) >= 2 and all(sign in signs for sign in short)


def _party(rows: Sequence[Row]) -> Found | None:
    for row in rows:
        if match := FIRST_PARTY.fullmatch(row.plain):
            value = re.split(r"〔(?:以下|下称|下稱|简称|簡稱)", match["value"])[0].rstrip("，。；")
            return Found(_restored(value), row, 0.95 if is_organisation(value) else 0.7)
    return None


def _letterhead(rows: Sequence[Row]) -> Found | None:
    """The first lines of a letter, if one names a company."""
    for row in rows[:4]:
        if row.stands_out and WESTERN.fullmatch(row.text.strip()):
            return Found(row.text.strip().rstrip(","), row, 0.92 if row.centred or row.size > 1.2 else 0.7)
        if row.centred and row.top < 0.2 and is_organisation(row.plain):
            return Found(_restored(row.plain), row, 0.6)
    return None


def _restored(name: str) -> str:
    """Brackets inside a name are round."""
    return tidy(name.replace("〔", "（").replace("〕", "）"))
