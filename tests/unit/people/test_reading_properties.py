"""The rule of reading over all facts: nothing that is taken away ever opens, and the index never says more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.grants import Act, Grant, GrantKind, Place
from archive.platform.page_ranges import covers
from archive.platform.reading_rule import RecordFacts, audience, opens, rule, tokens_of
from archive.platform.secrecy_levels import LEVELS

NOW = datetime(2021, 3, 5, 2, 0, tzinfo=UTC)
UNITS = ("u1", "u2")
#: from the most open to the most closed
CONTROLS = ("public", "internal", "work_secret", "unheard_of")
TRADE = ("none", "ordinary", "core")

# Mostly those who may do something, with records that are there: elsewhere there is nothing to open or to close.
people = st.builds(
    PersonFacts,
    id=st.just("p"),
    unit_id=st.sampled_from(UNITS),
    roles=st.frozensets(st.sampled_from([*3 * [Role.READER], Role.ARCHIVIST, *Role]), min_size=1, max_size=2),
    active=st.sampled_from([True, True, True, False]),
    clearance=st.sampled_from(LEVELS),
)
records = st.builds(
    RecordFacts,
    id=st.just("r"),
    unit_id=st.sampled_from(UNITS),
    control=st.sampled_from(CONTROLS),
    secrecy=st.sampled_from(["none", "none", *LEVELS]),
    trade_secrecy=st.sampled_from(["none", *TRADE]),
    destroyed=st.sampled_from([False, False, False, True]),
)
pages = st.none() | st.integers(1, 9)
acts = st.sampled_from(list(Act))
grants = st.builds(
    Grant,
    id=st.uuids().map(str),
    kind=st.sampled_from(list(GrantKind)),
    pages=st.sampled_from(["", "", "1", "2-4", "1-3,7"]),
    place=st.sampled_from(list(Place)),
    act=st.sampled_from([Act.READ, Act.DOWNLOAD]),
    ends_at=st.integers(1, 9).map(lambda hours: NOW + timedelta(hours=hours)),
)
some_grants = st.lists(grants, max_size=3)


def allowed(
    person: PersonFacts, record: RecordFacts, held: Sequence[Grant], act: Act, page: int | None, seated: bool
) -> bool:
    """The bare answer."""
    return rule(person, record, held, act, page=page, seated=seated).allowed


def opens_no_more(before: bool, after: bool) -> bool:
    """Whether a change closed something, or left it."""
    return before or not after


@given(people, records, some_grants, acts, pages, st.booleans(), st.data())
def test_more_secrecy_never_opens(
    person: PersonFacts,
    record: RecordFacts,
    held: list[Grant],
    act: Act,
    page: int | None,
    seated: bool,
    data: st.DataObject,
) -> None:
    """Raising secrecy, trade secrecy or control, or destroying, leaves at most what was allowed before."""
    higher = data.draw(st.sampled_from(LEVELS[LEVELS.index(record.secrecy) :]), label="secrecy")
    trade = data.draw(st.sampled_from(TRADE[TRADE.index(record.trade_secrecy) :]), label="trade secrecy")
    control = data.draw(st.sampled_from(CONTROLS[CONTROLS.index(record.control) :]), label="control")
    before = allowed(person, record, held, act, page, seated)
    for raised in (
        replace(record, secrecy=higher),
        replace(record, trade_secrecy=trade),
        replace(record, control=control),
        replace(record, secrecy=higher, trade_secrecy=trade, control=control),
        replace(record, destroyed=True),
    ):
        assert opens_no_more(before, allowed(person, raised, held, act, page, seated)), raised


@given(people, records, some_grants, acts, pages, st.booleans(), st.data())
def test_fewer_and_narrower_grants_never_open(
    person: PersonFacts,
    record: RecordFacts,
    held: list[Grant],
    act: Act,
    page: int | None,
    seated: bool,
    data: st.DataObject,
) -> None:
    """Taking a grant away, binding it to the room, to pages or to reading leaves at most what was allowed before."""
    before = allowed(person, record, held, act, page, seated)
    kept = data.draw(st.lists(st.sampled_from(held), unique_by=id), label="kept") if held else []
    assert opens_no_more(before, allowed(person, record, kept, act, page, seated))
    for bound in ({"place": Place.ROOM}, {"act": Act.READ}, {"kind": GrantKind.VISITOR}, {"pages": "2-3"}):
        narrower = [narrowed(grant, **bound) for grant in held if bound != {"pages": "2-3"} or grant.pages == ""]
        assert opens_no_more(before, allowed(person, record, narrower, act, page, seated)), bound


def narrowed(grant: Grant, **bound: object) -> Grant:
    """The same grant, bound closer."""
    facts = {name: getattr(grant, name) for name in ("id", "kind", "pages", "place", "act", "ends_at")}
    return Grant(**{**facts, **bound})


@given(people, grants, acts, pages)
def test_a_visitor_reads_at_a_seat_whatever_his_grant_says(
    person: PersonFacts, grant: Grant, act: Act, page: int | None
) -> None:
    """Elsewhere a visitor's grant opens nothing, and nowhere does it give a copy away."""
    visitors = narrowed(grant, kind=GrantKind.VISITOR)
    other_units = RecordFacts("r", "u3", "internal", "none", "none", destroyed=False)
    assert rule(person, other_units, [visitors], act, page=page, seated=False).grant is None
    assert rule(person, other_units, [visitors], Act.DOWNLOAD, page=page, seated=True).grant is None


@given(people, records, some_grants)
def test_a_state_secret_is_for_its_circle(person: PersonFacts, record: RecordFacts, held: list[Grant]) -> None:
    """It is known to its department and to archivists only, as far as they are cleared, and read by a grant only."""
    secret = replace(record, secrecy="secret")
    decision = rule(person, secret, held, Act.READ, seated=True)
    if rule(person, secret, held, Act.KNOW, seated=True).allowed:
        assert person.clearance != "none"
        assert person.unit_id == record.unit_id or Role.ARCHIVIST in person.roles
    assert decision.allowed == (decision.grant is not None)


@given(people, records, some_grants, acts, pages)
def test_leaving_the_seat_never_opens(
    person: PersonFacts, record: RecordFacts, held: list[Grant], act: Act, page: int | None
) -> None:
    """Elsewhere at most that is allowed which is allowed at a seat; and only what a grant says may be read anywhere."""
    there = rule(person, record, held, act, page=page, seated=False)
    assert opens_no_more(allowed(person, record, held, act, page, seated=True), there.allowed)
    if there.grant is not None:
        assert there.grant.place is Place.ANYWHERE
        assert there.grant.kind is not GrantKind.VISITOR


@given(people, records, some_grants, acts, pages, st.booleans())
def test_less_clearance_and_being_nobody_never_open(
    person: PersonFacts, record: RecordFacts, held: list[Grant], act: Act, page: int | None, seated: bool
) -> None:
    """A lower clearance, a closed account, one more administrator's role, and no person at all open nothing more."""
    before = allowed(person, record, held, act, page, seated)
    lower = [replace(person, clearance=level) for level in LEVELS[: LEVELS.index(person.clearance)]]
    administrators = [replace(person, roles=person.roles | {role}) for role in Role.administrators()]
    for other in (*lower, *administrators, replace(person, active=False)):
        assert opens_no_more(before, allowed(other, record, held, act, page, seated)), other
    assert not rule(None, record, held, act, page=page, seated=seated).allowed


@given(people, records, some_grants, pages, st.booleans())
def test_acts_hold_each_other(
    person: PersonFacts, record: RecordFacts, held: list[Grant], page: int | None, seated: bool
) -> None:
    """Whoever may take a copy may read, whoever may read may know; what opens whole opens page by page."""
    know, read, take = (allowed(person, record, held, act, page, seated) for act in (Act.KNOW, Act.READ, Act.DOWNLOAD))
    assert opens_no_more(read, take)
    assert opens_no_more(know, read)
    for act in Act:
        if allowed(person, record, held, act, None, seated):
            assert all(allowed(person, record, held, act, number, seated) for number in range(1, 10))


@given(people, records, some_grants, acts, pages, st.booleans())
def test_a_decision_by_grant_rests_on_one_that_says_so(
    person: PersonFacts, record: RecordFacts, held: list[Grant], act: Act, page: int | None, seated: bool
) -> None:
    """The grant a decision names is held, covers page and act, and counts in this place; a refusal names none."""
    decision = rule(person, record, held, act, page=page, seated=seated)
    if decision.grant is None:
        return
    grant = decision.grant
    assert decision.allowed
    assert any(grant is one for one in held)
    assert covers(grant.pages, page) if page else grant.pages == ""
    assert seated or grant.place is Place.ANYWHERE
    assert act is Act.READ or grant.act is Act.DOWNLOAD


@given(people, records, some_grants, st.booleans())
def test_the_index_matches_text_just_where_the_whole_item_is_open(
    person: PersonFacts, record: RecordFacts, held: list[Grant], seated: bool
) -> None:
    """What a query matches by tokens and grants for the whole item, here, is what the rule says of the whole item."""
    know, read = audience(record)
    tokens = tokens_of(person)
    known = bool(know & tokens)
    whole = any(grant.pages == "" and opens(grant, seated=seated) for grant in held)
    assert allowed(person, record, held, Act.KNOW, None, seated) == known
    assert allowed(person, record, held, Act.READ, None, seated) == (known and (bool(read & tokens) or whole))
