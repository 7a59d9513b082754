"""The states of one paper item: in whatever order events come, a reading never takes it out of the room."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from archive.borrowing.paper.models import Condition, ReadingState, Whereabouts
from archive.borrowing.paper.workflow import (
    READING_PLACES,
    Count,
    Paper,
    when_brought_back,
    when_fetched,
    when_handed_out,
    when_handed_over,
    when_shelved,
    when_taken_back,
)
from archive.platform.errors import ConflictError, DangguiError, ForbiddenError, InvalidError

PEOPLE = st.sampled_from(["archivist", "second", "reader"])
COUNTS = st.builds(
    Count, st.integers(min_value=-1, max_value=12), st.sampled_from(Condition), st.sampled_from(["", " ", "缺第 3 页"])
)


class OnePaper(RuleBasedStateMachine):
    """Every event at every moment, by anybody; what is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.paper = Paper()
        #: whether the last thing that moved it was an 出库 act
        self.by_out_act = False

    def move(self, event: Callable[[], Paper], *, out: bool = False) -> None:
        """Try it."""
        try:
            self.paper = event()
        except DangguiError:
            return
        self.by_out_act = out

    @rule()
    def fetch(self) -> None:
        """Of a reading."""
        self.move(lambda: when_fetched(self.paper))

    @rule(count=COUNTS, by=PEOPLE, to=PEOPLE)
    def hand_over(self, count: Count, by: str, to: str) -> None:
        """Of a reading."""
        self.move(lambda: when_handed_over(self.paper, count, by, to))

    @rule(count=COUNTS, by=PEOPLE, reader=PEOPLE)
    def take_back(self, count: Count, by: str, reader: str) -> None:
        """Of a reading."""
        self.move(lambda: when_taken_back(self.paper, count, by, reader))

    @rule()
    def shelve(self) -> None:
        """Of both."""
        self.move(lambda: when_shelved(self.paper))

    @rule(count=COUNTS, by=PEOPLE, to=PEOPLE)
    def hand_out(self, count: Count, by: str, to: str) -> None:
        """Of an 出库 act."""
        self.move(lambda: when_handed_out(self.paper, count, by, to), out=True)

    @rule(count=COUNTS, by=PEOPLE, taker=PEOPLE)
    def bring_back(self, count: Count, by: str, taker: str) -> None:
        """Of an 出库 act."""
        self.move(lambda: when_brought_back(self.paper, count, by, taker))

    @invariant()
    def only_an_out_act_takes_it_out(self) -> None:
        """Out means that the last move was an 出库 act, and no reading holds it."""
        if self.paper.place is Whereabouts.OUT:
            assert self.by_out_act
            assert self.paper.reading is None

    @invariant()
    def a_reading_is_at_the_desk_or_in_the_room(self) -> None:
        """And where it is follows from its state."""
        if self.paper.reading is not None:
            assert self.paper.place in {Whereabouts.DESK, Whereabouts.ROOM}
            assert self.paper.place is READING_PLACES[self.paper.reading]
        else:
            assert self.paper.place is not Whereabouts.ROOM

    @invariant()
    def nobody_has_uncounted_paper(self) -> None:
        """What is in the room or outside was counted."""
        if self.paper.place in {Whereabouts.ROOM, Whereabouts.OUT}:
            assert self.paper.counted is not None
            assert self.paper.counted.pages >= 1


TestOnePaper = OnePaper.TestCase
TestOnePaper.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


def test_no_state_of_a_reading_is_out_of_the_room() -> None:
    """Every state a reading can have has its place, and none of them is outside."""
    assert set(READING_PLACES) == set(ReadingState)
    assert Whereabouts.OUT not in READING_PLACES.values()


def test_a_difference_must_be_written_up() -> None:
    """Fewer pages, more pages, or a worse condition come back only with words; a better condition is none."""
    given = when_handed_over(when_fetched(Paper()), Count(12, Condition.WORN), "a", "r")
    for count in (Count(11, Condition.WORN), Count(13, Condition.WORN), Count(12, Condition.DAMAGED)):
        with pytest.raises(InvalidError) as refused:
            when_taken_back(given, count, "a", "r")
        assert refused.value.field == "note"
    assert when_taken_back(given, Count(11, Condition.WORN, "缺第 3 页"), "a", "r").reading is ReadingState.RETURNED
    assert when_taken_back(given, Count(12, Condition.SOUND), "a", "r").reading is ReadingState.RETURNED


def test_two_people_at_every_hand_over() -> None:
    """Nobody gives to himself, checks his own, or hands out to himself."""
    fetched = when_fetched(Paper())
    with pytest.raises(ForbiddenError):
        when_handed_over(fetched, Count(1, Condition.SOUND), "a", "a")
    given = when_handed_over(fetched, Count(1, Condition.SOUND), "a", "r")
    with pytest.raises(ForbiddenError):
        when_taken_back(given, Count(1, Condition.SOUND), "r", "r")
    with pytest.raises(ForbiddenError):
        when_handed_out(Paper(), Count(1, Condition.SOUND), "a", "a")
    with pytest.raises(ConflictError):
        when_handed_out(given, Count(1, Condition.SOUND), "a", "b")
