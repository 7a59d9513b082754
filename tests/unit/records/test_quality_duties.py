"""Who may check a batch, and which gates are easier than others, by rules alone."""

from hypothesis import given
from hypothesis import strategies as st

from archive.digitization.quality.duties import Gate, PlanChange, barred
from archive.digitization.quality.rules import most_bad, sample_size

PEOPLE = st.sampled_from("abcde")
NAMED = st.none() | PEOPLE
CHANGES = st.builds(PlanChange, NAMED, st.tuples(NAMED, NAMED), st.tuples(NAMED, NAMED))
HISTORIES = st.lists(CHANGES, max_size=6)
GATES = st.builds(
    Gate,
    st.booleans(),
    st.integers(1, 1000).map(lambda n: n / 10),
    st.integers(1, 50),
    st.integers(0, 1000).map(lambda n: n / 10),
)


@given(PEOPLE, st.sets(PEOPLE), HISTORIES)
def test_who_had_a_hand_in_it_is_barred(opened_by: str, added_by: set[str], history: list[PlanChange]) -> None:
    """Who opened it, added to it, or was named at any time; who had another named as scanner than was; nobody else."""
    found = barred(opened_by, added_by, history)
    named = {person for change in history for person in (*change.scanner, *change.preparer) if person}
    swapped = {change.by for change in history if len({person or opened_by for person in change.scanner}) == 2}
    assert found == ({opened_by} | added_by | named | swapped) - {None}


@given(PEOPLE, HISTORIES, CHANGES)
def test_no_further_change_frees_anybody(opened_by: str, history: list[PlanChange], change: PlanChange) -> None:
    """Whatever is written into the plan afterwards, whoever was barred stays so."""
    assert barred(opened_by, (), history) <= barred(opened_by, (), [*history, change])


@given(PEOPLE, PEOPLE, HISTORIES)
def test_nobody_frees_himself_by_naming_another(opened_by: str, scanner: str, history: list[PlanChange]) -> None:
    """Who was named as scanner and writes another name there is barred for both reasons."""
    named = PlanChange(opened_by, (None, scanner))
    swapped = PlanChange(scanner, (scanner, opened_by))
    assert scanner in barred(opened_by, (), [named, swapped, *history])


def test_a_plan_that_names_who_opened_it_bars_no_one_else() -> None:
    """Who writes down what is known anyway, that the sender scanned, can still check."""
    assert barred("a", (), [PlanChange("b", (None, "a")), PlanChange("b", ("a", None))]) == {"a"}


@given(GATES, GATES, st.integers(0, 500))
def test_a_gate_that_is_not_eased_asks_no_less(now: Gate, wanted: Gate, pages: int) -> None:
    """Not fewer pages of any batch, and not a larger share of them bad; what is no change is never refused."""
    assert now.eased(now) == []
    if now.eased(wanted):
        return
    size, other = sample_size(pages, now.share, now.least), sample_size(pages, wanted.share, wanted.least)
    assert other >= size
    assert wanted.check_demanded or not now.check_demanded
    assert most_bad(size, wanted.highest_error) <= most_bad(size, now.highest_error)
