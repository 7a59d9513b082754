"""Statistics of use: the rows of the register, counted by time, unit, purpose, way, category or item. Pure."""

import enum
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from archive.borrowing.ledger.uses import Counts, Use, UseWay, count

__all__ = ["By", "Group", "Share", "counted_by"]


class By(enum.StrEnum):
    """What use is counted by."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    UNIT = "unit"
    PURPOSE = "purpose"
    WAY = "way"
    CATEGORY = "category"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; a rate is never told without them."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """None of nothing."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one month, unit, … whose `key` is a period, a name, a value or an id."""

    key: str
    counts: Counts
    share: Share


def counted_by(uses: Iterable[Use], by: By, categories: Mapping[str, str]) -> list[Group]:
    """Group the rows; periods in order, else the most used first. `categories`: item id -> code of its category.

    People on a day are counted within each group: a person who reads and has something copied is one in each.
    """
    rows = [use for use in uses if use.way is not UseWay.TASK]
    key = _KEYS.get(by) or (lambda use: categories.get(use.item_id, ""))
    groups: dict[str, list[Use]] = defaultdict(list)
    for use in rows:
        groups[key(use)].append(use)
    whole = count(rows).uses
    made = []
    for name, members in groups.items():
        counts = count(members)
        made.append(Group(name, counts, Share(counts.uses, whole)))
    in_time = by in {By.MONTH, By.QUARTER, By.YEAR}
    return sorted(made, key=lambda one: (0, one.key) if in_time else (-one.counts.uses, one.key))


def _quarter(use: Use) -> str:
    return f"{use.day.year}-Q{(use.day.month + 2) // 3}"


_KEYS: dict[By, Callable[[Use], str]] = {
    By.MONTH: lambda use: use.month,
    By.QUARTER: _quarter,
    By.YEAR: lambda use: f"{use.day.year}",
    By.UNIT: lambda use: use.unit,
    By.PURPOSE: lambda use: use.purpose,
    By.WAY: lambda use: use.way,
    By.ITEM: lambda use: use.item_id,
}
