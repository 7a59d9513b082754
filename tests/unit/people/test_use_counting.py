"""Counting use, over all mixes of acts: person-times, acts and pages by the rules of the register."""

import random
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archive.borrowing.ledger.statistics import By, counted_by
from archive.borrowing.ledger.uses import Counts, Use, UseWay, count, digest
from archive.borrowing.models import PurposeKind

_FIRST = date(2021, 3, 1)


@st.composite
def uses(draw: st.DrawFn) -> Use:
    """One row, of few people on few days, so that they meet."""
    day = _FIRST + timedelta(days=draw(st.integers(0, 70)))
    return Use(
        act=f"grant:{draw(st.integers(0, 9999))}",
        way=draw(st.sampled_from(UseWay)),
        number="",
        day=day,
        person=draw(st.sampled_from("abc")),
        name="",
        unit=draw(st.sampled_from(["办公室", "财务部"])),
        item_id=draw(st.sampled_from("12345")),
        purpose=draw(st.sampled_from(PurposeKind)),
        pages=draw(st.integers(0, 50)),
        copied=draw(st.integers(0, 9)),
        begins=draw(st.booleans()),
        recorded_at=datetime(2021, 3, 1, tzinfo=UTC),
    )


rows = st.lists(uses(), max_size=40)


@given(rows)
def test_a_person_counts_once_a_day(made: list[Use]) -> None:
    """Person-times are as many as people on each day, looked at one day after the other; tasks never count."""
    by_day: dict[date, set[str]] = {}
    for use in made:
        if use.begins and use.way is not UseWay.TASK:
            by_day.setdefault(use.day, set()).add(use.person)
    counts = count(made)
    assert counts.person_times == sum(len(people) for people in by_day.values())
    assert counts.person_times <= counts.uses <= len(made)


@given(rows)
def test_more_on_the_same_day_is_no_further_person_time(made: list[Use]) -> None:
    """Whatever is used twice on a day adds acts and pages, and no person-time."""
    one, two = count(made), count([*made, *made])
    assert two == Counts(one.person_times, 2 * one.uses, 2 * one.pages, 2 * one.copied)


@given(rows)
def test_months_add_up(made: list[Use]) -> None:
    """A day belongs to one month: months, quarters or years come to the sum of a period; so do acts of any group."""
    whole = count(made)
    for by in By:
        groups = [group.counts for group in counted_by(made, by, {})]
        assert sum(group.uses for group in groups) == whole.uses
        assert sum(group.pages for group in groups) == whole.pages
        assert sum(group.copied for group in groups) == whole.copied
        if by in {By.MONTH, By.QUARTER, By.YEAR}:
            assert sum(group.person_times for group in groups) == whole.person_times
        else:
            assert sum(group.person_times for group in groups) >= whole.person_times


@given(rows, st.randoms(use_true_random=False))
def test_the_digest_is_of_what_is_there(made: list[Use], shuffler: random.Random) -> None:
    """It does not depend on the order of rows, and any row more or less changes it."""
    shuffled = shuffler.sample(made, len(made))
    assert digest(shuffled) == digest(made)
    if made:
        assert digest(made[1:]) != digest(made)


@given(rows)
def test_shares_tell_both_parts(made: list[Use]) -> None:
    """Each share is of all acts, and without any there is no percentage."""
    groups = counted_by(made, By.WAY, {})
    assert all(group.share.whole == count(made).uses for group in groups)
    assert all((group.share.percent is None) == (group.share.whole == 0) for group in groups)
