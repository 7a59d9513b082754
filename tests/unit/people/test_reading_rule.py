"""The rule of reading, for every kind of person, record and grant; the index tokens say the same as the guard."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.grants import Grant, GrantKind, GrantState, Place
from archive.platform.reading_rule import Act, Reason, RecordFacts, audience, rule, tokens_of
from archive.platform.secrecy_levels import LEVELS, exceeds

NOW = datetime(2021, 3, 5, 2, 0, tzinfo=UTC)
UNITS = ("u1", "u2")

people = st.none() | st.builds(
    PersonFacts,
    id=st.just("p"),
    unit_id=st.sampled_from(UNITS),
    roles=st.frozensets(st.sampled_from(list(Role)), max_size=3),
    active=st.booleans(),
    clearance=st.sampled_from(LEVELS),
)
records = st.builds(
    RecordFacts,
    id=st.just("r"),
    unit_id=st.sampled_from(UNITS),
    control=st.sampled_from(["public", "internal", "work_secret", "unheard_of"]),
    secrecy=st.sampled_from(["none", "none", "none", "secret", "top_secret", "unheard_of"]),
    trade_secrecy=st.sampled_from(["none", "none", "ordinary", "core"]),
    destroyed=st.booleans(),
)
hours = st.integers(min_value=-3, max_value=3)


@st.composite
def any_grants(draw: st.DrawFn) -> list[Grant]:
    """Grants of this person on this record, some over, some to come, some revoked."""
    made = []
    for number in range(draw(st.integers(0, 3))):
        starts = NOW + timedelta(hours=draw(hours))
        made.append(
            Grant(
                id=str(number),
                number=f"2021-000{number}",
                kind=draw(st.sampled_from(list(GrantKind))),
                person_id="p",
                item_id="r",
                pages="",
                place=Place.ROOM,
                act=Act.READ,
                purpose="",
                starts_at=starts,
                ends_at=starts + timedelta(hours=draw(st.integers(1, 3))),
                revoked_at=draw(st.sampled_from([None, NOW - timedelta(hours=1)])),
                created_at=NOW,
            )
        )
    return made


def running(grants: list[Grant]) -> list[Grant]:
    """Those that count now."""
    return [grant for grant in grants if grant.state_at(NOW) is GrantState.RUNNING]


@given(people, records, any_grants())
def test_index_tokens_and_decisions_agree(person: PersonFacts | None, record: RecordFacts, grants: list[Grant]) -> None:
    """What a query matches by tokens and running grants is what the guard allows, for every person and record."""
    know, read = audience(record)
    tokens = tokens_of(person)
    now = running(grants)
    known = bool(know & tokens)
    readable = known and (bool(read & tokens) or bool(now))
    assert rule(person, record, now, Act.KNOW).allowed == known
    assert rule(person, record, now, Act.READ, seated=True).allowed == readable


@given(people, records, any_grants())
def test_the_rule_says_what_the_house_says(
    person: PersonFacts | None, record: RecordFacts, grants: list[Grant]
) -> None:
    """The decision is the one that the written rules of reading give, rule by rule."""
    now = running(grants)
    assert rule(person, record, now, Act.KNOW).allowed == may_know(person, record)
    assert rule(person, record, now, Act.READ, seated=True).allowed == may_read(person, record, now)
    assert rule(person, record, now, Act.DOWNLOAD, seated=True).allowed == may_read(person, record, [])


def may_know(person: PersonFacts | None, record: RecordFacts) -> bool:
    """The written rules of knowing, once more and independently."""
    employee = set(Role) - Role.administrators()
    if person is None or not person.active or not person.roles & employee or person.roles - employee:
        return False
    if record.destroyed or exceeds(record.secrecy, person.clearance) or record.control == "unheard_of":
        return False
    if record.secrecy != "none" or record.trade_secrecy != "none" or record.control == "work_secret":
        return person.unit_id == record.unit_id or Role.ARCHIVIST in person.roles
    return record.control in {"public", "internal"}


def may_read(person: PersonFacts | None, record: RecordFacts, running_grants: list[Grant]) -> bool:
    """The written rules of reading, once more and independently."""
    if person is None or not may_know(person, record):
        return False
    if running_grants:
        return True
    if record.secrecy != "none" or record.trade_secrecy != "none":
        return False
    return record.control == "public" or (record.control == "internal" and person.unit_id == record.unit_id)


@given(people, records, any_grants())
def test_reading_is_never_allowed_of_what_is_not_known(
    person: PersonFacts | None, record: RecordFacts, grants: list[Grant]
) -> None:
    """Whoever may not know of a record can neither read nor download it, whatever grants he holds."""
    if not rule(person, record, grants, Act.KNOW).allowed:
        assert not rule(person, record, grants, Act.READ, seated=True).allowed
        assert not rule(person, record, grants, Act.DOWNLOAD, seated=True).allowed


@given(any_grants())
def test_a_grant_never_allows_a_download(grants: list[Grant]) -> None:
    """A view-only grant opens another department's pages but gives no copy."""
    engineer = PersonFacts("p", "u2", frozenset({Role.READER}))
    record = RecordFacts("r", "u1", "internal", "none", "none", destroyed=False)
    assert not rule(engineer, record, grants, Act.DOWNLOAD, seated=True).allowed


def test_the_reason_names_the_grant_it_rests_on() -> None:
    """An approved grant comes before an archivist's task, and the decision carries it for the mark on the page."""
    engineer = PersonFacts("p", "u2", frozenset({Role.ARCHIVIST}))
    record = RecordFacts("r", "u1", "internal", "none", "none", destroyed=False)
    task, approved = (
        Grant(id=kind, kind=kind, pages="", starts_at=NOW, ends_at=NOW + timedelta(hours=1))
        for kind in (GrantKind.TASK, GrantKind.APPROVED)
    )
    assert rule(engineer, record, [task], Act.READ, seated=True).reason is Reason.TASK
    decision = rule(engineer, record, [task, approved], Act.READ, seated=True)
    assert (decision.reason, decision.grant) == (Reason.GRANT, approved)
