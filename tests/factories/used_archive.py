"""A small archive after some days of use: something in every table that is kept, all of it in the store."""

from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.copies.service import CopyService
from archive.borrowing.leaders import LeaderService
from archive.borrowing.ledger.effects import Answer, EffectService
from archive.borrowing.ledger.models import EffectState, UseEffect
from archive.borrowing.ledger.register import Register
from archive.borrowing.models import LeaderWay, ReadingRequest, TaskList
from archive.borrowing.paper.models import (
    Condition,
    DocumentKind,
    Half,
    IncidentOutcome,
    OutKind,
    PaperIncident,
    VisitAsked,
)
from archive.borrowing.paper.out_acts import Order
from archive.borrowing.paper.visits import Told as Visitor
from archive.borrowing.rules import Wanted, Wish
from archive.borrowing.service import BorrowingService
from archive.borrowing.signed_forms import Signature, SignedFormService, keep_scan
from archive.borrowing.standing import StandingService, StandingWish
from archive.catalogue.codes import BY_ITEM
from archive.catalogue.destruction import destroy
from archive.catalogue.events import EventOutcome, EventType, record_event
from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Category, Control, Fonds, Item, ItemNote, NoteKind, NumberAt
from archive.catalogue.service import CatalogueService, facts
from archive.digitization.learning.models import IssuerRule, Taught
from archive.digitization.models import BatchSource
from archive.digitization.quality.models import BatchPlan, CheckOutcome, SampledPage, SamplingCheck, Verdict
from archive.digitization.secrecy.models import IncidentState, SecrecyIncident
from archive.digitization.secrecy.records import next_incident_number
from archive.discovery.search import build_documents
from archive.handlers import approval_subjects
from archive.platform.accounts.identities import GroupRuleService, IdentityService
from archive.platform.accounts.models import Person, Role, Unit
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.sign_in_models import Source
from archive.platform.accounts.sources import Identity, Rules
from archive.platform.actor import SYSTEM, Actor
from archive.platform.approval.chain_service import ChainService
from archive.platform.approval.chains import Asked, Circle, Row, RuleStep
from archive.platform.approval.chains import Control as Class
from archive.platform.approval.decisions import Decisions
from archive.platform.approval.delegations import DelegationService, DelegationWish
from archive.platform.approval.inbox import Inbox
from archive.platform.approval.workflow import Verdict as Decision
from archive.platform.audit.sealer import seal_all
from archive.platform.db import Base, new_id
from archive.platform.delivery import drain_index
from archive.platform.guard import Act, Guard
from archive.platform.journal.writer import write_journal_now
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.models import Way
from archive.platform.notifications.service import NoticeService
from archive.platform.outbox import announce
from archive.platform.parts import Parts
from archive.platform.reading_log import register_reading
from archive.platform.seats.models import PlaceRule, Seat
from archive.platform.seats.queries import seat_at
from tests.factories.copying import approved_line
from tests.factories.organisation import SEAT
from tests.factories.papers import Counter, counted
from tests.factories.small_archive import SmallArchive, Told, file_item

__all__ = ["LATE", "destroy_item", "file_paper", "settle", "use"]

_ZONE = ZoneInfo("Asia/Shanghai")
_PAPER = Told(
    "GCB",
    Control.INTERNAL,
    "关于二号车间消防通道整改的通知",
    "江海工〔2021〕9号",
    "工程部",
    "20210402",
    [["关于二号车间消防通道整改的通知", "二号车间东侧消防通道堆放钢材，请于四月底前清理完毕。"]],
)
_OLD = Told(
    "GCB",
    Control.INTERNAL,
    "关于车间清洁安排的通知",
    "江海工〔2021〕2号",
    "工程部",
    "20210115",
    [["关于车间清洁安排的通知", "各班组轮流值日。"]],
)
#: for whoever wants one more
LATE = Told(
    "GCB",
    Control.INTERNAL,
    "关于吊装设备检修的通知",
    "江海工〔2021〕31号",
    "工程部",
    "20210709",
    [["关于吊装设备检修的通知", "请各车间于七月底前完成吊装设备检修。"]],
)


_VISITOR = Visitor(
    "陈志远", "江海市志办", "市志函〔2021〕8号", DocumentKind.IDENTITY_CARD, "123X", "编修市志", "2021-03-05"
)


def use(archive: SmallArchive) -> None:
    """Found a branch; teach a rule; add a paper item in its box; ask, decide, read, name a task; destroy an item."""
    parts = archive.parts
    with parts.database.writing() as session:
        accounts = AccountService(session, parts.clock, SYSTEM)
        branch = accounts.create_unit("FGS", "南方分公司")
        office = accounts.create_unit("FGSB", "南方分公司办公室", branch)
        # Whoever is above need not have come first.
        session.scalars(select(Unit).where(Unit.code == "GCB")).one().parent_id = office.id
        clerk = accounts.create_person("clerk", "吴洁", office, [Role.READER], post="文员")
        accounts.end_holding(accounts.begin_holding(clerk, accounts.post_in(branch, "值班员")))
        catalogue = CatalogueService(session, parts.clock, SYSTEM)
        fonds = session.scalars(select(Fonds)).one()
        at_once = NumberAt.ACCEPTANCE
        catalogue.create_category(fonds, "KJ", "科技", BY_ITEM, at_once, electronic_only=False)
        taught = {"taught_by": archive.people["archivist"], "taught_at": parts.clock()}
        session.add(IssuerRule(fonds_id=fonds.id, issuer="工程部", taught=Taught.RETENTION, value="D10", **taught))
        decided = {"decided_by": archive.people["secadmin"], "decided_at": parts.clock()}
        session.add(PlaceRule(anywhere=False, reason="阅档不离室", **decided))
        session.add(_incident(session, archive))
        session.add_all(_quality_work(archive))
        noted = {"made_by": archive.people["archivist"], "made_at": parts.clock()}
        session.add(ItemNote(item_id=archive.items["accounts"], kind=NoteKind.REMARK, text="第 2 页残缺", **noted))
        for item_id in archive.items.values():
            record_event(session, parts.clock, EventType.FIXITY_CHECK, EventOutcome.SUCCESS, item_id=item_id, files=5)
            announce(session, item_id, parts.clock())
    _arrange_approval(archive)
    _admit(archive)
    file_paper(archive, "passage", _PAPER)
    file_paper(archive, "minutes", _OLD)
    _ask(archive, "engineer", "accounts", "lathe")
    _decide(archive, "finance_head", approve=True)
    _decide(archive, "archivist", approve=True)
    _decide(archive, "director", approve=False)
    with parts.database.writing() as session:
        archivist = session.get_one(Person, archive.people["archivist"])
        _desk(session, archive, archivist).open_for_task(archivist, archive.items["cadres"], "核对著录")
    _read(archive, "engineer", "accounts")
    _hand_out(archive)
    _without_case(archive)
    _handle_paper(archive)
    _tell_of_use(archive)
    destroy_item(archive, "minutes")


def _tell_of_use(archive: SmallArchive) -> None:
    """The engineer wants a digest, says what his request was good for, and an old month is closed."""
    with archive.parts.database.writing() as session:
        people = {login: session.get_one(Person, archive.people[login]) for login in ("engineer", "archivist")}
        NoticeService(session, archive.clock).choose(people["engineer"], {NoticeKind.CASE_CLOSED: Way.DIGEST})
        asked = select(ReadingRequest.id).where(ReadingRequest.reader_id == archive.people["engineer"])
        request_id = session.scalars(asked.limit(1)).one()
        effect = UseEffect(id=new_id(), request_id=request_id, state=EffectState.ASKED, asked_at=archive.clock())
        session.add(effect)
        session.flush()
        answer = Answer("economic", "据此调整了预算", "126000")
        EffectService(session, archive.clock, SYSTEM).answer(effect.id, people["engineer"], answer)
        Register(session, archive.clock, SYSTEM, _ZONE).close("2021-02", people["archivist"])


def _hand_out(archive: SmallArchive) -> None:
    """A copy is drafted, checked, stored, printed and handed over."""
    line = approved_line(archive, "engineer", "accounts", Asked.COPY)
    with archive.parts.database.writing() as session:
        copies = CopyService(session, archive.clock, SYSTEM, _ZONE)
        archivist = session.get_one(Person, archive.people["archivist"])
        made = copies.check(copies.draft_copy(line, archivist, "1").id, archivist)
        copies.stored(made.id, "ab" * 32, 1)
        copies.printed(made.id, archivist)
        copies.hand_over(made.id, archivist, "李工", 1)


def _arrange_approval(archive: SmallArchive) -> None:
    """The security administrator changes who decides about copies; the archivist decides in the director's place."""
    parts = archive.parts
    with parts.database.writing() as session:
        people = {login: session.get_one(Person, person_id) for login, person_id in archive.people.items()}
        row, steps = Row(Asked.COPY, Class.PUBLIC, Circle.OTHER), (RuleStep(Role.OFFICE_DIRECTOR, days=5),)
        ChainService(session, parts.clock, SYSTEM).change(people["secadmin"], 0, row, steps, "复制由办公室主任审批")
        away = DelegationWish(people["archivist"].id, parts.clock(), parts.clock() + timedelta(days=7))
        DelegationService(session, parts.clock, SYSTEM).delegate(people["director"], away, ())


def _admit(archive: SmallArchive) -> None:
    """Somebody of the directory signs in for the first time, and is an archivist because of his group."""
    parts = archive.parts
    with parts.database.writing() as session:
        GroupRuleService(session, parts.clock, SYSTEM).add(Source.LDAP, "archivists", role=Role.ARCHIVIST)
        known = Identity("c1f0a2de", "linghua", "凌华", frozenset({"archivists"}))
        rules = Rules(create="BGS", link=False, administrators=False)
        IdentityService(session, parts.clock, Source.LDAP, "10.0.0.7").admit(known, rules)


def file_paper(archive: SmallArchive, name: str, told: Told) -> None:
    """File one more item of paper; nothing of it is described or found yet."""
    with archive.parts.database.reading() as session:
        category = session.scalars(select(Category).where(Category.code == "KJ")).one()
        unit_id = session.scalars(select(Unit.id).where(Unit.code == told.unit)).one()
    archive.items[name] = file_item(archive.parts, told, category, unit_id, archive.people["archivist"])


def destroy_item(archive: SmallArchive, name: str) -> None:
    """Destroy an item by order; its object goes when the background work comes to it."""
    with archive.parts.database.writing() as session:
        item = session.get_one(Item, archive.items[name])
        destroy(session, archive.clock, SYSTEM, item, "鉴定销毁审批单2021-1")


def settle(parts: Parts) -> None:
    """Let all background work be done: objects described, items found, journal and trail in the store."""
    write_descriptions(parts)
    drain_index(parts, build_documents)
    write_journal_now(parts)
    seal_all(parts)


def _ask(archive: SmallArchive, login: str, *items: str) -> None:
    with archive.parts.database.writing() as session:
        person = session.get_one(Person, archive.people[login])
        wish = Wish("核对数据", archive.clock(), archive.clock() + timedelta(days=1))
        _desk(session, archive, person).request_reading(person, [Wanted(archive.items[item]) for item in items], wish)


def _without_case(archive: SmallArchive) -> None:
    """A signed form is entered, a leader is served, somebody asks to be authorised, and a month's tasks are told."""
    at, parts = archive.clock, archive.parts
    scan = keep_scan(parts.store, BytesIO(b"%PDF-1.7 signed by two"))
    with parts.database.writing() as session:
        office = session.scalars(select(Unit).where(Unit.code == "BGS")).one()
        accounts = AccountService(session, at, SYSTEM)
        leader = accounts.create_person("leader", "高远", office, [Role.LEADER])
        archivist, reader = (session.get_one(Person, archive.people[one]) for one in ("archivist", "accountant"))
        acting = session, at, Actor(archivist.id, archivist.name), _ZONE
        wish, wanted = Wish("编制预算", at(), at() + timedelta(days=1)), [Wanted(archive.items["lathe"])]
        forms = SignedFormService(*acting)
        signed = [Signature(step.people[0].id, at()) for step in forms.needed(reader, wanted, wish)]
        forms.enter(archivist, reader, wanted, wish, signed, scan)
        LeaderService(*acting).serve(archivist, leader, wanted, wish, LeaderWay.SECRETARY, "小周")
        category = session.scalars(select(Category).where(Category.code == "WS")).one()
        until = at() + timedelta(days=30)
        StandingService(*acting).ask(reader, StandingWish(category.id, reader.unit_id, "月度结账", at(), until))
        session.add(TaskList(month="2021-02", told_at=at(), seen_by=archive.people["director"], seen_at=at()))


def _decide(archive: SmallArchive, login: str, *, approve: bool) -> None:
    with archive.parts.database.writing() as session:
        person = session.get_one(Person, archive.people[login])
        actor = Actor(person.id, person.name)
        step = Inbox(session, archive.clock).due(person)[1][0]
        verdict = Decision.APPROVE if approve else Decision.REFUSE
        Decisions(session, archive.clock, actor, _ZONE, approval_subjects()).decide(step.id, person, verdict, "见原件")


def _read(archive: SmallArchive, login: str, item: str) -> None:
    item_id = archive.items[item]
    with archive.parts.database.reading() as session:
        person = session.get_one(Person, archive.people[login])
        record = facts(session.get_one(Item, item_id))
        decision = Guard(session, archive.clock, seat_at(session, SEAT)).decide(person, record, Act.READ)
    assert decision.allowed
    actor = Actor(person.id, person.name)
    register_reading(archive.parts.database, archive.clock, actor, item_id=item_id, page=1, decision=decision)


def _desk(session: Session, archive: SmallArchive, person: Person) -> BorrowingService:
    return BorrowingService(session, archive.clock, Actor(person.id, person.name), _ZONE)


def _handle_paper(archive: SmallArchive) -> None:
    """The paper of the passage: read with a difference that two others settled, then out for repair; a visitor."""
    with archive.parts.database.writing() as session:
        desk = Counter(session, archive.clock)
        people = {login: session.get_one(Person, person_id) for login, person_id in archive.people.items()}
        first, second = people["archivist"], people["archivist2"]
        item, seat = session.get_one(Item, archive.items["passage"]), session.scalars(select(Seat.id)).one()
        desk.room(first).set_weekday(5, "09:00", "12:00")
        desk.room(first).set_day("2021-05-03", "", "", "劳动节")
        desk.room(first).book(people["engineer"], seat, archive.clock().date().isoformat(), Half.AFTERNOON)
        line = desk.ask(people["engineer"], item)
        desk.custody(first).fetch(line.id, first)
        desk.custody(first).hand_over(item.id, first, counted(2), seat_id=seat)
        desk.custody(first).take_back(item.id, first, counted(2, Condition.DAMAGED, "右下角撕裂"))
        desk.custody(first).shelve(item.id, first)
        torn = session.scalars(select(PaperIncident)).one()
        desk.incidents(second).examine(torn.id, second, "撕裂 2 厘米")
        desk.incidents(people["director"]).conclude(torn.id, people["director"], IncidentOutcome.REPAIR, "送修复")
        visit = desk.visits(first).register(_VISITOR, people["engineer"], first)
        desk.visits(first).ask(visit.id, item, VisitAsked.VIEW, first)
        order = Order(OutKind.REPAIR, "修裱", "办公室主任", "修复室", due_back="2021-06-01")
        desk.out(first).order(order, [item], first)


def _incident(session: Session, archive: SmallArchive) -> SecrecyIncident:
    """One that was erased; the batch it speaks of is gone."""
    at, guardian = archive.parts.clock(), archive.people["secadmin"]
    return SecrecyIncident(
        number=next_incident_number(session, archive.clock, archive.parts.settings.zone),
        state=IncidentState.ERASED,
        found_at=at,
        batch_id=new_id(),
        batch_number="20210305-01",
        source=BatchSource.WATCH,
        brought_by=archive.people["archivist"],
        file_position=2,
        file_sha256="0" * 64,
        page=3,
        file_count=4,
        isolated_at=at,
        closed_by=guardian,
        closed_at=at,
    )


def _quality_work(archive: SmallArchive) -> tuple[Base, ...]:
    """A plan, with its originals handed out, and a sample of one page that passed; the batch they speak of is gone."""
    at, archivist, scanner = archive.parts.clock(), archive.people["archivist"], archive.people["accountant"]
    batch = {"batch_id": new_id(), "batch_number": "20210305-01"}
    plan = BatchPlan(**batch, scanned_by=scanner, share=7.5, handed_out_at=at, handed_out_by=archivist)
    check = SamplingCheck(
        id=new_id(),
        **batch,
        number=1,
        drawn_by=archivist,
        drawn_at=at,
        seed=1 << 40,
        pages=20,
        share=7.5,
        least=1,
        highest_error=2.5,
        outcome=CheckOutcome.PASSED,
        concluded_by=archivist,
        concluded_at=at,
    )
    judged = {"verdict": Verdict.GOOD, "judged_by": archivist, "judged_at": at}
    return plan, check, SampledPage(check_id=check.id, position=1, page_id=new_id(), **judged)
