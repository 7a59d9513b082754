"""Paper on both databases: custody, what the database refuses, 出库 acts, incidents, seats, visitors, two at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from archive.borrowing.models import RequestLine
from archive.borrowing.paper.models import (
    Condition,
    CustodyAct,
    CustodyKind,
    DocumentKind,
    Half,
    IncidentKind,
    IncidentOutcome,
    IncidentState,
    OutAct,
    OutItem,
    OutKind,
    OutState,
    PaperCustody,
    PaperIncident,
    PaperReading,
    ReadingState,
    SeatBooking,
    VisitAsked,
    VisitItemState,
    Whereabouts,
)
from archive.borrowing.paper.out_acts import Order, unapproved
from archive.borrowing.paper.queries import PaperQueries, paper_wanted
from archive.borrowing.paper.visits import Told
from archive.catalogue.models import Control, Item, Secrecy
from archive.catalogue.service import facts
from archive.discovery.access import Access
from archive.discovery.delivery import mark_lines
from archive.handlers import approval_subjects
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.approval.decisions import Decisions
from archive.platform.approval.models import ApprovalCase, ApprovalStep, StepState
from archive.platform.approval.workflow import Verdict
from archive.platform.db import Base, Database
from archive.platform.errors import ConflictError, DangguiError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.grants import Grant, GrantKind
from archive.platform.guard import Act, Decision, Guard, Reason
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.models import Notice
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_item, make_organisation
from tests.factories.papers import CLOSING, ZONE, Counter, counted, put_in_box


@pytest.fixture
def desk(session: Session, clock: SetClock) -> Counter:
    """The services, in the session of the test."""
    return Counter(session, clock)


@pytest.fixture
def paper(session: Session, organisation: Organisation, clock: SetClock) -> Item:
    """A paper item of the accountant's own department, in its box."""
    item = make_item(session, organisation, "2020年度财务决算工作总结")
    put_in_box(session, item, clock)
    return item


@pytest.fixture
def people(organisation: Organisation) -> dict[str, Person]:
    """By login."""
    return organisation.people


def decide(session: Session, clock: SetClock, case: ApprovalCase | None, *people: Person, approve: bool = True) -> None:
    """Each of them decides the step that is due."""
    assert case is not None
    for person in people:
        due = ApprovalStep.case_id == case.id, ApprovalStep.state == StepState.DUE
        step = session.scalars(select(ApprovalStep).where(*due)).one()
        decisions = Decisions(session, clock, Actor(person.id, person.name), ZONE, approval_subjects())
        decisions.decide(step.id, person, Verdict.APPROVE if approve else Verdict.REFUSE, "按规定办理")


def place_of(session: Session, item: Item) -> Whereabouts:
    """Where its paper is."""
    return session.get_one(PaperCustody, item.id, populate_existing=True).place


def hand_over(desk: Counter, people: dict[str, Person], paper: Item, organisation: Organisation) -> RequestLine:
    """Asked for, fetched and handed over, five pages."""
    line = desk.ask(people["accountant"], paper)
    desk.custody(people["archivist"]).fetch(line.id, people["archivist"])
    desk.custody(people["archivist"]).hand_over(paper.id, people["archivist"], counted(5), seat_id=organisation.seat)
    return line


def test_paper_is_fetched_read_checked_and_shelved(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], organisation: Organisation
) -> None:
    """Each act moves the paper, names who did it with whom, and stands in the log, numbered."""
    archivist, reader = people["archivist"], people["accountant"]
    line = desk.ask(reader, paper)
    assert list(paper_wanted(session, desk.clock())) == [line]
    custody = desk.custody(archivist)
    reading = custody.fetch(line.id, archivist)
    assert (reading.box, reading.shelf) == (paper.box and paper.box.label, "1-02-03-4")
    assert paper_wanted(session, desk.clock()) == []
    places = [place_of(session, paper)]
    custody.hand_over(paper.id, archivist, counted(5), seat_id=organisation.seat)
    places.append(place_of(session, paper))
    custody.take_back(paper.id, archivist, counted(5))
    places.append(place_of(session, paper))
    custody.shelve(paper.id, archivist)
    places.append(place_of(session, paper))
    assert places == [Whereabouts.DESK, Whereabouts.ROOM, Whereabouts.DESK, Whereabouts.BOX]
    acts = session.scalars(select(CustodyAct).order_by(CustodyAct.number)).all()
    told = [(act.number, act.kind.value, act.by_id, act.with_id, act.pages) for act in acts]
    assert told == [
        (1, "fetched", archivist.id, None, None),
        (2, "handed_over", archivist.id, reader.id, 5),
        (3, "taken_back", archivist.id, reader.id, 5),
        (4, "shelved", archivist.id, None, None),
    ]
    assert reading.state is ReadingState.SHELVED


def test_what_is_refused_at_the_desk(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], organisation: Organisation
) -> None:
    """Without approval, twice, by a reader, for an electronic item, to oneself, without a seat: each with words."""
    archivist, custody = people["archivist"], desk.custody(people["archivist"])
    waiting = desk.ask(people["engineer"], paper)
    with pytest.raises(ConflictError, match="无批不阅档"):
        custody.fetch(waiting.id, archivist)
    line = desk.ask(people["accountant"], paper)
    with pytest.raises(ForbiddenError):
        custody.fetch(line.id, people["accountant"])
    custody.fetch(line.id, archivist)
    with pytest.raises(ConflictError, match="服务台"):
        custody.fetch(line.id, archivist)
    with pytest.raises(InvalidError) as no_seat:
        custody.hand_over(paper.id, archivist, counted(5))
    assert no_seat.value.field == "seat"
    own = make_item(session, organisation, "关于购置数控车床的请示", unit="BGS")
    put_in_box(session, own, desk.clock)
    custody.fetch(desk.ask(archivist, own).id, archivist)
    with pytest.raises(ForbiddenError, match="另一位档案员"):
        custody.hand_over(own.id, archivist, counted(1), seat_id=organisation.seat)
    organisation.category.electronic_only = True
    electronic = make_item(session, organisation, "仅有电子文件的通知")
    with pytest.raises(ConflictError, match="没有纸质原件"):
        custody.fetch(desk.ask(people["accountant"], electronic).id, archivist)


def test_nothing_is_handed_over_outside_hours_without_a_reason(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], clock: SetClock, organisation: Organisation
) -> None:
    """After closing, on a Saturday and on a closed day the archivist says why, or it stays at the desk."""
    archivist, custody = people["archivist"], desk.custody(people["archivist"])
    custody.fetch(desk.ask(people["accountant"], paper, hours=96).id, archivist)
    seat = organisation.seat
    for moved in (timedelta(hours=7), timedelta(hours=17)):  # 17:00 that Friday, 10:00 on Saturday
        clock.pass_time(moved)
        with pytest.raises(InvalidError) as closed:
            custody.hand_over(paper.id, archivist, counted(5), seat_id=seat)
        assert closed.value.field == "outside"
    desk.room(archivist).set_day("2021-03-06", "09:00", "12:00", "补班")
    reading = custody.hand_over(paper.id, archivist, counted(5), seat_id=seat)
    custody.take_back(paper.id, archivist, counted(5))
    custody.shelve(paper.id, archivist)
    desk.room(archivist).set_day("2021-03-06", "", "", "闭馆消毒")
    custody.fetch(reading.line_id or "", archivist)
    custody.hand_over(paper.id, archivist, counted(5), seat_id=seat, outside="审计组急用")
    noted = session.scalars(select(CustodyAct.note).where(CustodyAct.kind == CustodyKind.HANDED_OVER)).all()
    assert "审计组急用" in noted


EVENTS = ("ask", "fetch", "hand_over", "take_back", "shelve", "missing", "damaged", "examine", "conclude", "wait")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(EVENTS), st.sampled_from(["archivist", "archivist2", "accountant"]), st.integers(4, 5)
        ),
        max_size=14,
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sequence_of_acts_of_a_reading_takes_paper_out(
    session: Session,
    desk: Counter,
    paper: Item,
    people: dict[str, Person],
    clock: SetClock,
    organisation: Organisation,
    sequence: list[tuple[str, str, int]],
) -> None:
    """Whatever everybody does at the desk, in whatever order, the paper is in its box, at the desk or in the room."""
    began = clock.now
    undo = session.begin_nested()
    for event, login, pages in sequence:
        step = session.begin_nested()
        try:
            _act(event, desk, paper, people[login], pages, organisation.seat)
            step.commit()
        except DangguiError:
            step.rollback()
        assert set(session.scalars(select(PaperCustody.place))) <= {Whereabouts.BOX, Whereabouts.DESK, Whereabouts.ROOM}
        assert Whereabouts.OUT not in set(session.scalars(select(CustodyAct.place)))
    undo.rollback()
    clock.now = began


def _act(event: str, desk: Counter, paper: Item, person: Person, pages: int, seat: str) -> None:
    """One act, with whatever is there for it."""
    session, custody, incidents = desk.session, desk.custody(person), desk.incidents(person)
    line = session.scalars(select(RequestLine).order_by(RequestLine.id.desc()).limit(1)).first()
    incident = session.scalars(select(PaperIncident.id).order_by(PaperIncident.number.desc()).limit(1)).first() or ""
    acts: dict[str, Callable[[], object]] = {
        "ask": lambda: desk.ask(person, paper),
        "fetch": lambda: custody.fetch(line.id if line else "", person),
        "hand_over": lambda: custody.hand_over(paper.id, person, counted(pages), seat_id=seat),
        "take_back": lambda: custody.take_back(paper.id, person, counted(pages, note="缺页")),
        "shelve": lambda: custody.shelve(paper.id, person),
        "missing": lambda: incidents.report(paper, IncidentKind.MISSING, person, "盒中没有"),
        "damaged": lambda: incidents.report(paper, IncidentKind.DAMAGED, person, "第 2 页撕裂"),
        "examine": lambda: incidents.examine(incident, person, "找遍库房"),
        "conclude": lambda: incidents.conclude(incident, person, IncidentOutcome.FOUND, "夹在邻盒"),
        "wait": lambda: desk.clock.pass_time(timedelta(hours=1)) if isinstance(desk.clock, SetClock) else None,
    }
    acts[event]()


# --- what the database itself refuses ---


@pytest.fixture
def held(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], organisation: Organisation
) -> dict[str, str]:
    """The ids of a paper item that is 在阅, and of an 出库 act for it that nobody approved yet."""
    line = hand_over(desk, people, paper, organisation)
    order = Order(OutKind.REPAIR, "装订", "办公室", "修复室", due_back="2021-04-01")
    act = desk.out(people["archivist"]).order(order, [paper], people["archivist"])
    session.flush()
    return {
        "item": paper.id,
        "reading": session.scalars(select(PaperReading.id)).one(),
        "out": act.items[0].id,
        "act": act.id,
        "archivist": people["archivist"].id,
        "director": people["director"].id,
        "line": line.id,
    }


_CUSTODY_ACT = (
    "INSERT INTO custody_act (id, item_id, number, kind, place, reading_id, out_id, by_id, with_id, at, note) VALUES "
    "('x', :item, 99, '{kind}', '{place}', {reading}, {out}, :archivist, {second}, '2021-03-05 02:00:00+00:00', '')"
)
REFUSED = {
    "a reading's paper is put out": "UPDATE paper_custody SET place = 'out' WHERE item_id = :item",
    "out, and still of a reading": "UPDATE paper_custody SET place = 'out', out_id = :out WHERE item_id = :item",
    "out by the act of another item": "UPDATE paper_custody SET place = 'out', out_id = :reading, reading_id = NULL",
    "a place there is not": "UPDATE paper_custody SET place = 'home' WHERE item_id = :item",
    "an act of a reading that ends outside": _CUSTODY_ACT.format(
        kind="handed_over", place="out", reading=":reading", out="NULL", second=":director"
    ),
    "an act of a reading in the name of an out act": _CUSTODY_ACT.format(
        kind="handed_out", place="out", reading=":reading", out=":out", second=":director"
    ),
    "out without an out act": _CUSTODY_ACT.format(
        kind="handed_out", place="out", reading="NULL", out="NULL", second=":director"
    ),
    "out by one person": _CUSTODY_ACT.format(
        kind="handed_out", place="out", reading="NULL", out=":out", second=":archivist"
    ),
    "a reading in a state outside": "UPDATE paper_reading SET state = 'out' WHERE id = :reading",
    "a reading of nobody's request": "UPDATE paper_reading SET line_id = NULL WHERE id = :reading",
    "out without approval": "UPDATE out_act SET state = 'out', given_by = :archivist, taken_by = :director",
    "out with one signature": "UPDATE out_act SET state = 'out', approved_at = created_at, given_by = :archivist",
    "one person signs twice": "UPDATE out_act SET given_by = :archivist, taken_by = :archivist",
    "repair without a day to be back": "UPDATE out_act SET due_back = NULL",
    "gone without a disposal": "UPDATE out_act SET kind = 'destruction', due_back = NULL",
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(what: str, session: Session, held: dict[str, str]) -> None:
    """Written past every service: the constraint refuses it, on both databases."""
    with pytest.raises(IntegrityError), session.begin_nested():
        write(session, REFUSED[what], held)


def test_the_database_takes_the_same_of_an_out_act(session: Session, held: dict[str, str]) -> None:
    """The statements above fail by their constraints, not by their wording: an 出库 act in order is taken."""
    for statement in (
        "UPDATE out_act SET state = 'out', approved_at = created_at, given_by = :archivist, taken_by = :director",
        "UPDATE paper_custody SET place = 'out', out_id = :out, reading_id = NULL WHERE item_id = :item",
        _CUSTODY_ACT.format(kind="handed_out", place="out", reading="NULL", out=":out", second=":director"),
    ):
        write(session, statement, held)


def write(session: Session, statement: str, ids: dict[str, str]) -> None:
    """Carry out raw SQL."""
    said = {name: value for name, value in ids.items() if f":{name}" in statement}
    session.execute(text(statement), said)


def test_no_out_act_knows_of_a_request() -> None:
    """Nothing leads from a request, a visit or a reading to an 出库 act: the tables do not refer to each other."""
    reading = {"reading_request", "request_line", "visit", "visit_item", "paper_reading", "seat_booking"}
    for table in (OutAct.__table__, OutItem.__table__):
        assert {key.column.table.name for key in table.foreign_keys} & reading == set()
    for name in reading:
        referred = {key.column.table.name for key in Base.metadata.tables[name].foreign_keys}
        assert referred & {"out_act", "out_item"} == set()


# --- two at once ---


def test_two_archivists_fetch_one_item_for_two_readers(database: Database, clock: SetClock) -> None:
    """One of them has it; the other is told that it is at the desk."""
    with database.writing() as session:
        organisation = make_organisation(session, clock)
        item = make_item(session, organisation, "2020年度财务决算工作总结")
        item.control = Control.PUBLIC
        put_in_box(session, item, clock)
        desk, people = Counter(session, clock), organisation.people
        lines = [desk.ask(people[login], item).id for login in ("accountant", "engineer")]
        archivists = [people[login].id for login in ("archivist", "archivist2")]
    start = Barrier(2)

    def fetch(line_id: str, archivist_id: str) -> str:
        start.wait()
        with database.writing() as session:
            archivist = session.get_one(Person, archivist_id)
            try:
                return Counter(session, clock).custody(archivist).fetch(line_id, archivist).number
            except ConflictError as refused:
                return refused.message

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(fetch, lines, archivists))
    assert sum("服务台" in one for one in said) == 1
    with database.reading() as session:
        assert [act.kind for act in session.scalars(select(CustodyAct))] == [CustodyKind.FETCHED]


def test_fetched_to_be_read_while_it_is_signed_out(database: Database, clock: SetClock) -> None:
    """One of the two has the paper, and the other is told where it is; never both."""
    with database.writing() as session:
        organisation = make_organisation(session, clock)
        item = make_item(session, organisation, "2020年度财务决算工作总结")
        put_in_box(session, item, clock)
        desk, people = Counter(session, clock), organisation.people
        order = Order(OutKind.EMERGENCY, "库房漏水", "值班领导", "三楼", due_back="2021-03-08")
        act = desk.out(people["archivist"]).order(order, [item], people["archivist"])
        desk.out(people["archivist"]).give(
            act.id, people["archivist"], {act.items[0].id: counted(5)}, taker=people["engineer"]
        )
        act_id, line_id, item_id = act.id, desk.ask(people["accountant"], item).id, item.id
        archivist_id, taker_id = people["archivist2"].id, people["engineer"].id
    start = Barrier(2)

    def attempt(fetches: bool) -> bool:
        start.wait()
        with database.writing() as session:
            person = session.get_one(Person, archivist_id if fetches else taker_id)
            desk = Counter(session, clock)
            try:
                desk.custody(person).fetch(line_id, person) if fetches else desk.out(person).take(act_id, person)
            except ConflictError:
                session.rollback()
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, (True, False))) == [False, True]
    with database.reading() as session:
        custody = session.get_one(PaperCustody, item_id)
        assert (custody.reading_id is None) != (custody.out_id is None)
        assert len(session.scalars(select(CustodyAct)).all()) == 1


def test_two_readers_book_one_seat(database: Database, clock: SetClock) -> None:
    """One of them has it, the other is asked to choose another."""
    with database.writing() as session:
        organisation = make_organisation(session, clock)
        readers, seat = [organisation.people[login].id for login in ("accountant", "engineer")], organisation.seat
    start = Barrier(2)

    def book(reader_id: str) -> bool:
        start.wait()
        with database.writing() as session:
            reader = session.get_one(Person, reader_id)
            try:
                Counter(session, clock).room(reader).book(reader, seat, "2021-03-08", Half.MORNING)
            except ConflictError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(book, readers)) == [False, True]
    with database.reading() as session:
        assert len(session.scalars(select(SeatBooking)).all()) == 1


# --- seats and hours ---


def test_seats_are_booked_cancelled_and_kept(
    session: Session, desk: Counter, people: dict[str, Person], organisation: Organisation, paper: Item
) -> None:
    """A booked seat is nobody else's, at the desk too; cancelled it is free again; closed days are not booked."""
    reader, archivist = people["accountant"], people["archivist"]
    for day, half in (
        ("2021-03-06", Half.MORNING),
        ("2021-03-04", Half.MORNING),
        ("2021-04-30", Half.MORNING),
        ("", ""),
    ):
        with pytest.raises((InvalidError, ConflictError)):
            desk.room(reader).book(reader, organisation.seat, day, Half(half or "morning"))
    booking = desk.room(people["engineer"]).book(people["engineer"], organisation.seat, "2021-03-05", Half.MORNING)
    with pytest.raises(ConflictError):
        desk.room(reader).book(reader, organisation.seat, "2021-03-05", Half.MORNING)
    line = desk.ask(reader, paper)
    desk.custody(archivist).fetch(line.id, archivist)
    with pytest.raises(InvalidError, match="李工"):
        desk.custody(archivist).hand_over(paper.id, archivist, counted(5), seat_id=organisation.seat)
    with pytest.raises(ForbiddenError):
        desk.room(reader).cancel(booking.id, reader)
    desk.room(archivist).cancel(booking.id, archivist)
    desk.room(reader).book(reader, organisation.seat, "2021-03-05", Half.MORNING)
    desk.custody(archivist).hand_over(paper.id, archivist, counted(5), seat_id=organisation.seat)
    desk.room(archivist).set_weekday(0, "", "")
    days = {one.day.isoformat(): one for one in PaperQueries(session, desk.clock, ZONE, CLOSING).days()}
    assert days["2021-03-08"].hours is None
    assert days["2021-03-09"].hours is not None


# --- incidents ---


def test_missing_pages_become_an_incident_that_two_others_end(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], organisation: Organisation
) -> None:
    """Reported by who counted; he who examined it does not conclude; until then the paper is not fetched."""
    first, second, director = people["archivist"], people["archivist2"], people["director"]
    line = hand_over(desk, people, paper, organisation)
    with pytest.raises(InvalidError):
        desk.custody(first).take_back(paper.id, first, counted(4))
    desk.custody(first).take_back(paper.id, first, counted(4, note="缺第 3 页"))
    desk.custody(first).shelve(paper.id, first)
    incident = session.scalars(select(PaperIncident)).one()
    assert (incident.kind, incident.state, incident.report) == (
        IncidentKind.MISSING,
        IncidentState.REPORTED,
        "缺第 3 页",
    )
    told = session.scalars(select(Notice.person_id).where(Notice.kind == NoticeKind.PAPER_INCIDENT)).all()
    assert set(told) == {first.id, second.id, director.id}
    with pytest.raises(ConflictError, match=incident.number):
        desk.custody(first).fetch(line.id, first)
    with pytest.raises(ConflictError):
        desk.incidents(second).conclude(incident.id, second, IncidentOutcome.FOUND, "找到")
    desk.incidents(second).examine(incident.id, second, "夹在第 7 件中")
    for person in (first, second):
        with pytest.raises(ForbiddenError):
            desk.incidents(person).conclude(incident.id, person, IncidentOutcome.FOUND, "找到")
    with pytest.raises(ForbiddenError):
        desk.incidents(people["accountant"]).examine(incident.id, people["accountant"], "我看看")
    with pytest.raises(InvalidError):
        desk.incidents(director).conclude(incident.id, director, IncidentOutcome.REPAIR, "修复")
    desk.incidents(director).conclude(incident.id, director, IncidentOutcome.FOUND, "已归位")
    assert desk.custody(first).fetch(line.id, first).state is ReadingState.FETCHED


def test_damage_is_assessed_before_paper_is_given(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], organisation: Organisation
) -> None:
    """Seen at the desk: reported, assessed, concluded; then the reader has it."""
    first, second = people["archivist"], people["archivist2"]
    desk.custody(first).fetch(desk.ask(people["accountant"], paper).id, first)
    incident = desk.incidents(first).report(paper, IncidentKind.DAMAGED, first, "虫蛀")
    with pytest.raises(ConflictError, match=incident.number):
        desk.custody(first).hand_over(paper.id, first, counted(5), seat_id=organisation.seat)
    desk.incidents(first).examine(incident.id, first, "旧蛀孔，不影响翻阅")
    desk.incidents(second).conclude(incident.id, second, IncidentOutcome.NOTED, "记入备考表")
    desk.custody(first).hand_over(paper.id, first, counted(5, Condition.WORN), seat_id=organisation.seat)
    assert place_of(session, paper) is Whereabouts.ROOM


def test_lost_paper_is_fetched_never_again(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person]
) -> None:
    """Once it was given up, the desk says so and by which report."""
    first, second = people["archivist"], people["archivist2"]
    incident = desk.incidents(first).report(paper, IncidentKind.MISSING, first, "盒中没有")
    with pytest.raises(ConflictError, match=incident.number):
        desk.incidents(second).report(paper, IncidentKind.MISSING, second, "还是没有")
    desk.incidents(first).examine(incident.id, first, "全库查找无果")
    desk.incidents(second).conclude(incident.id, second, IncidentOutcome.LOST, "报主任同意")
    with pytest.raises(ConflictError, match="遗失"):
        desk.custody(first).fetch(desk.ask(people["accountant"], paper).id, first)


# --- 出库 ---

REPAIR = Order(OutKind.REPAIR, "虫蛀修裱", "办公室主任方正，江海办〔2021〕30号", "修复室", due_back="2021-03-20")


def test_paper_leaves_by_order_approval_and_two_signatures(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], clock: SetClock
) -> None:
    """Not before approval, not by one person, not read meanwhile; back it is counted, to the desk, to the box."""
    first, second, taker = people["archivist"], people["archivist2"], people["engineer"]
    act = desk.out(first).order(REPAIR, [paper], first)
    counts = {act.items[0].id: counted(5, Condition.WORN)}
    with pytest.raises(ConflictError, match="没有批准"):
        desk.out(first).give(act.id, first, counts, taker=taker)
    decide(session, clock, act.case, people["director"])
    assert act.state is OutState.APPROVED
    with pytest.raises(ForbiddenError):
        desk.out(first).give(act.id, first, counts, taker=first)
    with pytest.raises(InvalidError):
        desk.out(first).give(act.id, first, {}, taker=taker)
    desk.out(first).give(act.id, first, counts, taker=taker)
    assert place_of(session, paper) is Whereabouts.BOX
    for person in (first, second):
        with pytest.raises(ForbiddenError):
            desk.out(person).take(act.id, person)
    desk.out(taker).take(act.id, taker)
    assert (act.state, place_of(session, paper)) == (OutState.OUT, Whereabouts.OUT)
    with pytest.raises(ConflictError, match="出库"):
        desk.custody(first).fetch(desk.ask(people["accountant"], paper).id, first)
    desk.out(second).bring_back(act.id, second, {act.items[0].id: counted(5)})
    assert (act.state, place_of(session, paper)) == (OutState.BACK, Whereabouts.DESK)
    desk.custody(second).shelve(paper.id, second)
    assert place_of(session, paper) is Whereabouts.BOX
    kinds = session.scalars(select(CustodyAct.kind).order_by(CustodyAct.number)).all()
    assert kinds == [CustodyKind.HANDED_OUT, CustodyKind.BROUGHT_BACK, CustodyKind.SHELVED]


def test_the_only_approver_neither_hands_nor_takes(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], clock: SetClock
) -> None:
    """Three people at least: who approved alone is none of the two who sign."""
    first, director = people["archivist"], people["director"]
    act = desk.out(first).order(REPAIR, [paper], first)
    decide(session, clock, act.case, director)
    desk.out(first).give(act.id, first, {act.items[0].id: counted(5)}, taker=director)
    with pytest.raises(ForbiddenError, match="批准人"):
        desk.out(director).take(act.id, director)


def test_somebody_from_outside_takes_it_before_a_witness(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], clock: SetClock
) -> None:
    """A court's officer has no account: a second archivist signs that he saw him take it."""
    first, second = people["archivist"], people["archivist2"]
    order = Order(OutKind.SEIZURE, "案件取证", "市法院（2021）12号协助通知", "市法院", due_back="2021-06-01")
    act = desk.out(first).order(order, [paper], first)
    decide(session, clock, act.case, people["director"])
    while act.state is OutState.ASKED:
        decide(session, clock, act.case, people["director"])
    counts = {act.items[0].id: counted(5)}
    with pytest.raises(InvalidError):
        desk.out(first).give(act.id, first, counts)
    desk.out(first).give(act.id, first, counts, outsider="王法官，市法院，工作证 0123")
    with pytest.raises(ForbiddenError):
        desk.out(first).take(act.id, first)
    assert desk.out(second).take(act.id, second).taken_by == second.id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ground": " "}, "ground"),
        ({"ordered_by": ""}, "ordered_by"),
        ({"destination": ""}, "destination"),
        ({"due_back": ""}, "due_back"),
        ({"due_back": "2021-03-04"}, "due_back"),
        ({"kind": OutKind.DESTRUCTION}, "disposal"),
        ({"kind": OutKind.TRANSFER}, "disposal"),
    ],
)
def test_an_order_says_everything(
    change: dict[str, str], field: str, desk: Counter, paper: Item, people: dict[str, Person]
) -> None:
    """Ground, who ordered it, where to, and when it is back; or of which executed disposal it is."""
    given_order = {name: getattr(REPAIR, name) for name in REPAIR.__slots__} | change
    with pytest.raises(InvalidError) as refused:
        desk.out(people["archivist"]).order(Order(**given_order), [paper], people["archivist"])
    assert refused.value.field == field


def test_an_emergency_leaves_first_and_is_approved_within_a_day(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], clock: SetClock
) -> None:
    """Two signatures all the same; refused afterwards, archivists and director are told to bring it back."""
    first, second = people["archivist"], people["archivist2"]
    order = Order(OutKind.EMERGENCY, "库房漏水", "值班领导电话", "三楼会议室", due_back="2021-03-06")
    act = desk.out(first).order(order, [paper], first)
    desk.out(first).give(act.id, first, {act.items[0].id: counted(5)}, taker=second)
    desk.out(second).take(act.id, second)
    assert (act.state, place_of(session, paper)) == (OutState.OUT, Whereabouts.OUT)
    assert not unapproved(act, clock())
    clock.pass_time(timedelta(days=1))
    assert unapproved(act, clock())
    decide(session, clock, act.case, people["director"], approve=False)
    assert act.state is OutState.OUT
    told = session.scalars(select(Notice.person_id).where(Notice.kind == NoticeKind.OUT_NOT_APPROVED)).all()
    assert set(told) == {first.id, second.id, people["director"].id}


def test_what_is_destroyed_is_not_expected_back(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], clock: SetClock
) -> None:
    """Only with the executed disposal; then it is gone, and nothing comes back."""
    first, second = people["archivist"], people["archivist2"]
    order = Order(OutKind.DESTRUCTION, "保管期满", "鉴定小组", "指定销毁厂", disposal="销毁清册2021-1")
    act = desk.out(first).order(order, [paper], first)
    while act.state is OutState.ASKED:
        decide(session, clock, act.case, people["director"])
    desk.out(first).give(act.id, first, {act.items[0].id: counted(5)}, taker=second)
    desk.out(second).take(act.id, second)
    assert (act.state, place_of(session, paper)) == (OutState.GONE, Whereabouts.OUT)
    with pytest.raises(ConflictError):
        desk.out(first).bring_back(act.id, first, {act.items[0].id: counted(5)})


# --- visitors ---

TOLD = Told(
    "陈志远", "江海市志办", "市志函〔2021〕8号，3月4日", DocumentKind.IDENTITY_CARD, "123X", "编修市志", "2021-03-05"
)


def test_a_visitor_reads_beside_his_companion(
    session: Session, desk: Counter, paper: Item, people: dict[str, Person], clock: SetClock, organisation: Organisation
) -> None:
    """On the screen by a grant that names him, at a seat, until closing time; on paper at the desk; both approved."""
    archivist, companion = people["archivist"], people["accountant"]
    visit = desk.visits(archivist).register(TOLD, companion, archivist)
    seen = desk.visits(archivist).ask(visit.id, paper, VisitAsked.VIEW, archivist)
    read = desk.visits(archivist).ask(visit.id, paper, VisitAsked.PAPER, archivist)
    assert (seen.state, read.state) == (VisitItemState.APPROVED, VisitItemState.APPROVED)  # his companion's own unit
    grant = session.scalars(select(Grant)).one()
    assert (grant.kind, grant.person_id, grant.visitor) == (GrantKind.VISITOR, companion.id, "陈志远（江海市志办）")
    assert grant.ends_at.astimezone(ZONE).strftime("%H:%M") == "16:30"
    access = Access(paper, Decision(True, Reason.VISITOR, grant), False)
    assert mark_lines(companion, access, clock(), ZONE)[:2] == ("陈志远（江海市志办）", companion.name)
    paper.control = Control.WORK_SECRET
    session.flush()
    at_a_seat = Guard(session, clock, organisation.seat).decide(companion, facts(paper), Act.READ)
    assert (at_a_seat.allowed, at_a_seat.reason) == (True, Reason.VISITOR)
    assert not Guard(session, clock).decide(companion, facts(paper), Act.READ).allowed
    assert not Guard(session, clock, organisation.seat).decide(companion, facts(paper), Act.DOWNLOAD).allowed
    reading = desk.custody(archivist).fetch_for_visitor(read.id, archivist)
    desk.custody(archivist).hand_over(paper.id, archivist, counted(5), seat_id=organisation.seat)
    assert (reading.reader, reading.person) == ("陈志远", companion)
    desk.visits(archivist).leave(visit.id, archivist)
    assert not Guard(session, clock, organisation.seat).decide(companion, facts(paper), Act.READ).allowed
    with pytest.raises(ConflictError):
        desk.visits(archivist).ask(visit.id, paper, VisitAsked.VIEW, archivist)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"organisation": " "}, "organisation"),
        ({"letter": ""}, "letter"),
        ({"purpose": ""}, "purpose"),
        ({"document_tail": "330102199001011234"}, "document_tail"),
        ({"document_tail": "12"}, "document_tail"),
        ({"until": "2021-03-04"}, "until"),
        ({"until": "2022-03-04"}, "until"),
    ],
)
def test_a_visitor_is_written_down_whole_and_no_more(
    change: dict[str, str], field: str, desk: Counter, people: dict[str, Person]
) -> None:
    """Everything the register asks for, and of his document the last four signs only."""
    told = {name: getattr(TOLD, name) for name in TOLD.__slots__} | change
    with pytest.raises(InvalidError) as refused:
        desk.visits(people["archivist"]).register(Told(**told), people["accountant"], people["archivist"])
    assert refused.value.field == field
    with pytest.raises(InvalidError):
        desk.visits(people["archivist"]).register(TOLD, None, people["archivist"])


def test_what_a_visitor_is_not_shown(session: Session, desk: Counter, paper: Item, people: dict[str, Person]) -> None:
    """State secrets, and what his companion may not know of."""
    archivist = people["archivist"]
    visit = desk.visits(archivist).register(TOLD, people["accountant"], archivist)
    paper.unit_id, paper.control = people["engineer"].unit_id, Control.WORK_SECRET
    with pytest.raises(NotFoundError):
        desk.visits(archivist).ask(visit.id, paper, VisitAsked.VIEW, archivist)
    paper.secrecy = Secrecy.SECRET
    with pytest.raises((NotFoundError, ForbiddenError)):
        desk.visits(archivist).ask(visit.id, paper, VisitAsked.VIEW, archivist)
