"""Sets of separator sheets: made, remembered, and which of them came back in scans."""

import secrets
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from archive.digitization.separators.models import SeparatorSet
from archive.platform.accounts.models import Person, Role
from archive.platform.db import Clock
from archive.platform.errors import InvalidError, NotFoundError
from archive.platform.i18n import _
from ingest.steps.separators import SheetCode

__all__ = ["LONGEST", "MOST", "SeparatorSetService", "met_before", "remember_met", "visible_sets"]

#: sheets of a set, and characters that a code carries and can still be read when it is worn
MOST, LONGEST = 200, 60


class SeparatorSetService:
    """Makes sets of sheets in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def make(self, person: Person, carried: Sequence[tuple[str, str]]) -> SeparatorSet:
        """A set with a sheet for each of `carried`: what it carries, and its payload. Raises InvalidError."""
        if not 1 <= len(carried) <= MOST:
            raise InvalidError(_("一套分隔页为 1 到 {most} 张。"), field="count", most=MOST)
        for _kind, payload in carried:
            if len(payload) > LONGEST:
                raise InvalidError(
                    _("“{line}”过长，每行最多 {most} 个字。请缩短。"), field="lines", line=payload, most=LONGEST
                )
        made = SeparatorSet(
            mark=secrets.token_hex(5).upper(),
            count=len(carried),
            carried=[list(one) for one in carried],
            made_by=person.id,
            made_at=self._clock(),
        )
        self._session.add(made)
        self._session.flush()
        return made

    def sheets(self, set_id: str, person: Person) -> tuple[SeparatorSet, list[SheetCode]]:
        """A set and its sheets, to be printed again. Raises NotFoundError."""
        made = self._session.scalar(visible_sets(person).where(SeparatorSet.id == set_id))
        if made is None:
            raise NotFoundError(_("没有这套分隔页。"))
        numbered = enumerate(made.carried, 1)
        return made, [SheetCode(made.mark, n, made.count, kind, payload) for n, (kind, payload) in numbered]


def visible_sets(person: Person) -> Select[SeparatorSet]:
    """The sets this person may see: an archivist all, others those they made."""
    sets = select(SeparatorSet)
    return sets if Role.ARCHIVIST in person.roles else sets.where(SeparatorSet.made_by == person.id)


def met_before(session: Session, marks: Collection[str]) -> dict[str, set[int]]:
    """Which sheets of these sets were found in scans so far."""
    rows = session.execute(select(SeparatorSet.mark, SeparatorSet.met).where(SeparatorSet.mark.in_(marks)))
    return {mark: set(met) for mark, met in rows}


def remember_met(session: Session, met: Mapping[str, Collection[int]]) -> None:
    """Remember which sheets were found; sets that nobody here printed are left alone."""
    for made in session.scalars(select(SeparatorSet).where(SeparatorSet.mark.in_(met)).with_for_update()):
        made.met = sorted({*made.met, *met[made.mark]})
