"""Pages of an item as people write them: `1-3,7`. Empty means all of them."""

import re
from collections.abc import Iterable

from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["covers", "page_ranges", "written"]

_RANGE = re.compile(r"([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?")


def page_ranges(text: str, last: int) -> str:
    """What somebody wrote, in order and without repetition; empty for the whole item of `last` pages.

    Raises InvalidError (field `pages`) for what is no such list, or names a page that the item does not have.
    """
    plain = re.sub(r"\s+", "", text.translate(str.maketrans("，、；;－—–～~", ",,,,-----")))
    wanted: set[int] = set()
    for part in filter(None, plain.split(",")):
        begin, end = _bounds(part)
        if not begin <= end <= last:
            raise InvalidError(_("这份文件共 {last} 页，请按“1-3,7”的样子填写其中的页。"), field="pages", last=last)
        wanted |= set(range(begin, end + 1))
    return "" if len(wanted) == last else written(wanted)


def covers(pages: str, number: int) -> bool:
    """Whether these pages hold page `number`."""
    return not pages or any(begin <= number <= end for begin, end in map(_bounds, pages.split(",")))


def written(numbers: Iterable[int]) -> str:
    """Page numbers as ranges, such as `1-3,7`."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(begin) if begin == end else f"{begin}-{end}" for begin, end in ranges)


def _bounds(part: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(part)
    if found is None:
        raise InvalidError(_("请按“1-3,7”的样子填写页码，留空表示全部。"), field="pages")
    return int(found[1]), int(found[2] or found[1])
