"""Finds boxes and what lies in them: catalogue lines only, and only of items the person may know of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from archive.catalogue.models import Box, Item
from archive.catalogue.service import BOX_CAPACITY, facts
from archive.platform.accounts.models import Person, Unit
from archive.platform.db import Clock
from archive.platform.errors import NotFoundError
from archive.platform.guard import Act, Guard
from archive.platform.i18n import _

__all__ = ["PAGE_SIZE", "BoxFilters", "BoxLine", "Boxes"]

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class BoxFilters:
    """What is asked for, as it stands in the address; what makes no sense there is left out."""

    year: int | None = None
    unit: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """From the parameters of an address."""
        year = query.get("year", "")
        return cls(int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None, query.get("unit", ""))

    def parameters(self) -> dict[str, str]:
        """The parameters of an address that asks for the same."""
        given = {"year": str(self.year or ""), "unit": self.unit}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A box and the items in it that the person may know of, in the order they lie there."""

    box: Box
    items: list[Item] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """Pages of these items."""
        return sum(item.page_count for item in self.items)

    @property
    def full(self) -> bool:
        """Nothing more goes in."""
        return self.pages >= BOX_CAPACITY


class Boxes:
    """Reads; changes nothing."""

    def __init__(self, session: Session, clock: Clock, person: Person) -> None:
        self._session = session
        self._guard = Guard(session, clock)
        self._person = person

    def page(self, filters: BoxFilters, page: int) -> tuple[int, list[BoxLine]]:
        """How many boxes there are, and those of one page (from 1): the newest year first, then by unit and number."""
        wanted = _filtered(filters)
        total = self._session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
        order = (Box.year.desc(), Unit.code, Box.retention, Box.number)
        shown = wanted.order_by(*order).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
        return total, self._lines(self._session.scalars(shown.options(joinedload(Box.fonds))).all())

    def box(self, box_id: str) -> BoxLine:
        """One box. Raises NotFoundError."""
        box = self._session.get(Box, box_id)
        if box is None:
            raise NotFoundError(_("没有这个档案盒。"))
        return self._lines([box])[0]

    def years(self) -> Sequence[int]:
        """The years of which there are boxes, the newest first."""
        return self._session.scalars(select(Box.year).distinct().order_by(Box.year.desc())).all()

    def units(self) -> Sequence[Unit]:
        """The units of which there are boxes."""
        return self._session.scalars(select(Unit).where(Unit.id.in_(select(Box.unit_id))).order_by(Unit.code)).all()

    def _lines(self, boxes: Sequence[Box]) -> list[BoxLine]:
        found: dict[str | None, list[Item]] = defaultdict(list)
        wanted = select(Item).where(Item.box_id.in_([box.id for box in boxes])).order_by(Item.code, Item.accession)
        for item in self._session.scalars(wanted):
            if self._guard.decide(self._person, facts(item), Act.KNOW).allowed:
                found[item.box_id].append(item)
        return [BoxLine(box, found[box.id]) for box in boxes]


def _filtered(filters: BoxFilters) -> Select[Box]:
    wanted = select(Box).join(Unit, Box.unit_id == Unit.id)
    if filters.year is not None:
        wanted = wanted.where(Box.year == filters.year)
    if filters.unit:
        wanted = wanted.where(Unit.code == filters.unit)
    return wanted
