"""Who may check a batch, and how its gate may still be changed. Pure: facts in, decision out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

__all__ = ["Gate", "PlanChange", "barred"]


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One change of a plan: whose, and who was named before and after it; None where nobody was."""

    by: str | None
    scanner: tuple[str | None, str | None] = (None, None)
    preparer: tuple[str | None, str | None] = (None, None)


def barred(opened_by: str, added_by: Collection[str], changes: Iterable[PlanChange]) -> frozenset[str]:
    """Ids of the people who may not check a batch, by all that ever happened to it; more history never frees anybody.

    They are who opened it, who added pages to it, who was ever named as its scanner or preparer, and who named another
    scanner than was named before: nobody makes himself a second person. Where none is named it is who opened the batch.
    """
    people: set[str | None] = {opened_by, *added_by}
    for change in changes:
        before, after = (person or opened_by for person in change.scanner)
        people |= {before, after, *change.preparer}
        if before != after:
            people.add(change.by)
    return frozenset(person for person in people if person is not None)


@dataclass(frozen=True, slots=True)
class Gate:
    """What a batch has to pass: `share` and `highest_error` in percent, `least` in pages."""

    check_demanded: bool
    share: float
    least: int
    highest_error: float

    def eased(self, wanted: "Gate") -> list[str]:
        """The fields in which another gate would be easier to pass than this one."""
        easier = {
            "check_demanded": self.check_demanded and not wanted.check_demanded,
            "share": wanted.share < self.share,
            "least": wanted.least < self.least,
            "highest_error": wanted.highest_error > self.highest_error,
        }
        return [name for name, is_easier in easier.items() if is_easier]
