"""No reading without approval: every route that is registered, tried by everybody who may not read.

A new route fails here until it is classified and an address to try it with is given.
"""

import enum
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from archive.app import make_app
from archive.borrowing.copies.models import CopyKind, CopyPart, CopyState, IssuedCopy
from archive.borrowing.paper.models import DocumentKind, Half, IncidentKind, OutKind, VisitAsked
from archive.borrowing.paper.out_acts import Order
from archive.borrowing.paper.visits import Told
from archive.catalogue.models import Box, Category, Control, Item, Page, Secrecy
from archive.digitization.models import (
    Batch,
    BatchFile,
    BatchSource,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageState,
)
from archive.platform.accounts.models import Clearance, Person
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.tokens import ApiTokenService
from archive.platform.actor import SYSTEM
from archive.platform.approval.chains import Asked
from archive.platform.approval.models import ApprovalStep, StepState
from archive.platform.grants import Act, Grant, Place
from archive.platform.parts import open_parts
from archive.platform.seats.models import Seat
from archive.settings import Settings
from tests.factories.browsing import form_to
from tests.factories.clock import SetClock
from tests.factories.copying import approved_line
from tests.factories.organisation import SEAT
from tests.factories.papers import Counter
from tests.factories.small_archive import SmallArchive, index_items

Browser = Callable[..., TestApp]


class Yields(enum.Enum):
    """What an answer may hold."""

    WORDS = "words or pictures of pages"
    LINES = "catalogue lines"
    NOTHING = "nothing of any record"


@dataclass(frozen=True)
class Route:
    """How a route is tried: addresses with the ids of `fill` in braces, beside `{item}`; and what it sends."""

    yields: Yields
    gets: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()


_QUERIES = ("", "营业收入", "民主测评", "干部考察", "财务决算", '"度营业收入"', "营业*")
_PIECES = ("full/max/0/default.jpg", "full/200,/0/default.jpg", "0,0,256,256/max/0/default.jpg")

ROUTES = {
    "__static/": Route(Yields.NOTHING, ("/static/app.css",)),
    "sign_in": Route(Yields.NOTHING, ("/sign-in?next=/items/{item}/view",), ("/sign-in",)),
    "sign_in.provider": Route(Yields.NOTHING, ("/sign-in/provider",)),
    "sign_in.return": Route(Yields.NOTHING, ("/sign-in/return?code=a&state=b",)),
    "sign_in.code": Route(Yields.NOTHING, ("/sign-in/code",), ("/sign-in/code",)),
    "sign_out": Route(Yields.NOTHING, (), ("/sign-out",)),
    "language": Route(Yields.NOTHING, (), ("/settings/language",)),
    "account.password": Route(Yields.NOTHING, ("/account/password",), ("/account/password",)),
    "account.sessions": Route(Yields.NOTHING, ("/account/sessions",), ("/account/sessions",)),
    "account.second_factor": Route(Yields.NOTHING, ("/account/second-factor",), ("/account/second-factor",)),
    "account.tokens": Route(Yields.NOTHING, ("/account/tokens",), ("/account/tokens",)),
    "account.permissions": Route(Yields.NOTHING, ("/account/permissions",)),
    "people.list": Route(Yields.NOTHING, ("/people", "/people?q=a")),
    "people.new": Route(Yields.NOTHING, ("/people/new",), ("/people/new",)),
    "people.passwords": Route(Yields.NOTHING, (), ("/people/passwords",)),
    "people.import": Route(Yields.NOTHING, ("/people/import",), ("/people/import",)),
    "people.person": Route(Yields.NOTHING, ("/people/{item}",), ("/people/{item}",)),
    "people.password": Route(Yields.NOTHING, (), ("/people/{item}/password",)),
    "people.post": Route(Yields.NOTHING, (), ("/people/{item}/posts",)),
    "people.leave": Route(Yields.NOTHING, ("/people/{item}/leave",), ("/people/{item}/leave",)),
    "people.reopen": Route(Yields.NOTHING, (), ("/people/{item}/reopen",)),
    "units.tree": Route(Yields.NOTHING, ("/units",), ("/units",)),
    "units.unit": Route(Yields.NOTHING, ("/units/{item}",), ("/units/{item}",)),
    "units.close": Route(Yields.NOTHING, (), ("/units/{item}/close",)),
    "units.post_new": Route(Yields.NOTHING, (), ("/units/{item}/posts",)),
    "posts.post": Route(Yields.NOTHING, ("/posts/{item}",), ("/posts/{item}",)),
    "posts.close": Route(Yields.NOTHING, (), ("/posts/{item}/close",)),
    "rights.list": Route(Yields.NOTHING, ("/rights",)),
    "rights.sessions": Route(Yields.NOTHING, ("/rights/sessions",)),
    "rights.person": Route(Yields.NOTHING, ("/rights/{item}",), ("/rights/{item}",)),
    "rights.unlock": Route(Yields.NOTHING, (), ("/rights/{item}/unlock",)),
    "rights.end_sessions": Route(Yields.NOTHING, (), ("/rights/{item}/sessions",)),
    "rights.groups": Route(Yields.NOTHING, ("/rights/groups",), ("/rights/groups",)),
    "rights.addresses": Route(Yields.NOTHING, ("/rights/addresses",), ("/rights/addresses",)),
    "rights.second_factor": Route(Yields.NOTHING, (), ("/rights/{item}/second-factor",)),
    "rights.end_token": Route(Yields.NOTHING, (), ("/rights/{item}/tokens",)),
    "home": Route(Yields.LINES, ("/",)),
    "audit.entries": Route(Yields.LINES, ("/audit", "/audit?subject={item}")),
    "notices.mine": Route(Yields.NOTHING, ("/notices", "/notices?page=2")),
    "notices.read_all": Route(Yields.NOTHING, (), ("/notices",)),
    "notices.choices": Route(Yields.NOTHING, ("/notices/mail",), ("/notices/mail",)),
    "notices.open": Route(Yields.NOTHING, (), ("/notices/{item}",)),
    "ledger.register": Route(Yields.LINES, ("/ledger", "/ledger?from=2021-01-01&until=2021-12-31&way=task")),
    "ledger.export": Route(Yields.LINES, ("/ledger/register.xlsx", "/ledger/register.pdf")),
    "ledger.close": Route(Yields.LINES, (), ("/ledger/close",)),
    "ledger.statistics": Route(Yields.LINES, ("/ledger/statistics?by=item",)),
    "ledger.statistics_export": Route(
        Yields.LINES, ("/ledger/statistics.xlsx?by=item", "/ledger/statistics.pdf?by=item")
    ),
    "ledger.effects": Route(Yields.LINES, ("/ledger/effects",)),
    "ledger.effects_export": Route(Yields.LINES, ("/ledger/effects.xlsx", "/ledger/effects.pdf")),
    "ledger.effect_sheet": Route(Yields.LINES, ("/ledger/effects/{item}.pdf",)),
    "effects.answer": Route(Yields.LINES, ("/effects/{item}",), ("/effects/{item}",)),
    "effects.decline": Route(Yields.LINES, (), ("/effects/{item}/decline",)),
    "secrecy.incidents": Route(Yields.NOTHING, ("/secrecy",)),
    "secrecy.incident": Route(Yields.NOTHING, ("/secrecy/{item}",)),
    "secrecy.report": Route(Yields.NOTHING, ("/secrecy/{item}/report",)),
    "secrecy.erase": Route(Yields.NOTHING, (), ("/secrecy/{item}/erase",)),
    "secrecy.propose": Route(Yields.NOTHING, (), ("/secrecy/{item}/propose",)),
    "secrecy.release": Route(Yields.NOTHING, (), ("/secrecy/{item}/release",)),
    "seats.seats": Route(Yields.NOTHING, ("/seats",), ("/seats",)),
    "seats.close": Route(Yields.NOTHING, (), ("/seats/{item}/close",)),
    "seats.rule": Route(Yields.NOTHING, (), ("/seats/rule",)),
    "preservation.state": Route(Yields.LINES, ("/preservation",)),
    "preservation.check": Route(Yields.LINES, (), ("/preservation/copies/{item}/check",)),
    "catalogue.boxes": Route(Yields.LINES, ("/boxes", "/boxes?year=2021&unit=CWB")),
    "catalogue.box": Route(Yields.LINES, ("/boxes/{box}",)),
    "digitization.batches": Route(Yields.LINES, ("/batches",), ("/batches",)),
    "digitization.batch": Route(Yields.LINES, ("/batches/{batch}",)),
    "digitization.progress": Route(Yields.LINES, ("/batches/{batch}/progress",)),
    "digitization.control": Route(Yields.LINES, (), ("/batches/{batch}/control",)),
    "digitization.uploads": Route(Yields.LINES, ("/uploads",), ("/uploads",)),
    "digitization.upload_files": Route(Yields.LINES, (), ("/uploads/{batch}",)),
    "digitization.upload_finish": Route(Yields.LINES, (), ("/uploads/{batch}/finish",)),
    "digitization.upload": Route(Yields.NOTHING),
    "digitization.rows": Route(Yields.LINES, ("/batches/{batch}/rows",)),
    "digitization.light_table": Route(
        Yields.LINES, ("/batches/{batch}/light-table?page={scan}",), ("/batches/{batch}/light-table",)
    ),
    "digitization.board": Route(Yields.LINES, ("/batches/{batch}/light-table/board?screen=2",)),
    "digitization.table_items": Route(Yields.LINES, ("/batches/{batch}/light-table/items",)),
    "digitization.replace": Route(Yields.LINES, (), ("/batches/{batch}/light-table/replace",)),
    "digitization.page_image": Route(Yields.WORDS, ("/batches/{batch}/pages/{scan}/image",)),
    "digitization.page_thumbnail": Route(Yields.WORDS, ("/batches/{batch}/pages/{scan}/thumbnail",)),
    "digitization.separators": Route(Yields.NOTHING, ("/digitization/separators",), ("/digitization/separators",)),
    "digitization.separator_set": Route(Yields.NOTHING, ("/digitization/separators/{item}/pdf",)),
    "digitization.scanner": Route(Yields.LINES, ("/digitization/scan",), ("/digitization/scan",)),
    "digitization.scanning": Route(Yields.LINES, ("/digitization/scan/{batch}",), ("/digitization/scan/{batch}",)),
    "digitization.scanned": Route(Yields.LINES, ("/digitization/scan/{batch}/progress",)),
    "digitization.scan_stop": Route(Yields.LINES, (), ("/digitization/scan/{batch}/stop",)),
    "digitization.scan_finish": Route(Yields.LINES, (), ("/digitization/scan/{batch}/finish",)),
    "digitization.retry": Route(Yields.LINES, (), ("/batches/{batch}/retry",)),
    "digitization.rules": Route(Yields.LINES, ("/issuer-rules",)),
    "digitization.withdraw_rule": Route(Yields.LINES, (), ("/issuer-rules/{item}/withdraw",)),
    "digitization.quality": Route(Yields.LINES, ("/batches/{batch}/quality",), ("/batches/{batch}/quality",)),
    "digitization.custody": Route(Yields.LINES, (), ("/batches/{batch}/quality/custody",)),
    "digitization.sample": Route(Yields.LINES, (), ("/batches/{batch}/quality/sample",)),
    "digitization.check": Route(
        Yields.LINES, ("/batches/{batch}/quality/{item}",), ("/batches/{batch}/quality/{item}",)
    ),
    "digitization.conclude": Route(Yields.LINES, (), ("/batches/{batch}/quality/{item}/conclude",)),
    "digitization.statistics": Route(Yields.NOTHING, ("/digitization/statistics",)),
    "digitization.statistics_export": Route(
        Yields.NOTHING, ("/digitization/statistics.csv", "/digitization/statistics.xlsx")
    ),
    "digitization.draft": Route(
        Yields.WORDS, ("/drafts/{item}", "/drafts/{item}?accepted={item}"), ("/drafts/{item}",)
    ),
    "digitization.discard": Route(Yields.LINES, (), ("/drafts/{item}/discard",)),
    "digitization.state": Route(Yields.LINES, ("/drafts/{item}/state",)),
    "digitization.image": Route(Yields.WORDS, ("/drafts/{item}/pages/1/image",)),
    "digitization.draft_text": Route(Yields.WORDS, ("/drafts/{item}/pages/1/text",), ("/drafts/{item}/pages/1/text",)),
    "digitization.thumbnail": Route(Yields.WORDS, ("/drafts/{item}/pages/1/thumbnail",)),
    "discovery.search": Route(Yields.WORDS, tuple(f"/search?q={query}" for query in _QUERIES)),
    "discovery.item": Route(Yields.LINES, ("/items/{item}", "/items/{item}?q=营业收入")),
    "discovery.viewer": Route(Yields.WORDS, ("/items/{item}/view", "/items/{item}/view?q=营业收入")),
    "discovery.text": Route(Yields.WORDS, ("/items/{item}/pages/1/text", "/items/{item}/pages/1/text?q=营业收入")),
    "discovery.correction": Route(Yields.LINES, ("/items/{item}/pages/1/correction",)),
    "discovery.reading": Route(
        Yields.WORDS,
        ("/items/{item}/pages/1/reading", "/items/{item}/pages/1/reading?version=1"),
        ("/items/{item}/pages/1/reading",),
    ),
    "discovery.versions": Route(Yields.LINES, ("/items/{item}/pages/1/versions",)),
    "discovery.pdf": Route(Yields.WORDS, ("/items/{item}/pdf",)),
    "discovery.information": Route(Yields.WORDS, ("/iiif/{item}/1/info.json",)),
    "discovery.image": Route(Yields.WORDS, tuple(f"/iiif/{{item}}/1/{piece}" for piece in _PIECES)),
    "borrowing.requests": Route(Yields.LINES, ("/requests",)),
    "borrowing.request_new": Route(Yields.LINES, ("/requests/new?item={item}",), ("/requests/new?item={item}",)),
    "borrowing.basket": Route(Yields.NOTHING, (), ("/requests/basket?item={item}",)),
    "signed.new": Route(Yields.LINES, ("/requests/signed?item={item}",), ("/requests/signed?item={item}",)),
    "signed.scan": Route(Yields.NOTHING, ("/requests/signed/{item}",)),
    "standing.list": Route(Yields.LINES, ("/standing",)),
    "standing.new": Route(Yields.NOTHING, ("/standing/new",), ("/standing/new",)),
    "standing.one": Route(Yields.LINES, ("/standing/{item}",), ("/standing/{item}",)),
    "standing.withdraw": Route(Yields.NOTHING, (), ("/standing/{item}/withdraw",)),
    "leaders.list": Route(Yields.LINES, ("/leaders",)),
    "leaders.new": Route(Yields.LINES, ("/leaders/new?item={item}",), ("/leaders/new?item={item}",)),
    "leaders.answer": Route(Yields.NOTHING, (), ("/leaders/{item}/answer",)),
    "tasks.list": Route(Yields.NOTHING, ("/tasks",)),
    "tasks.month": Route(Yields.LINES, ("/tasks/2021-03", "/tasks/2021-99"), ("/tasks/2021-03",)),
    "tasks.export": Route(Yields.LINES, ("/tasks/2021-03.xlsx",)),
    "borrowing.request": Route(Yields.LINES, ("/requests/{request}",)),
    "borrowing.withdraw": Route(Yields.LINES, (), ("/requests/{request}/withdraw",)),
    "approval.inbox": Route(Yields.LINES, ("/inbox", "/inbox?kind=request_line&words=2021")),
    "approval.decide_several": Route(Yields.LINES, (), ("/inbox?step={step}",)),
    "approval.decide": Route(Yields.LINES, (), ("/inbox/steps/{step}",)),
    "approval.asked": Route(Yields.LINES, ("/inbox/asked",)),
    "approval.decided": Route(Yields.LINES, ("/inbox/decided",)),
    "approval.chains": Route(Yields.NOTHING, ("/chains", "/chains?asked=paper&version=0")),
    "approval.chain": Route(Yields.NOTHING, ("/chains/row?asked=view&control=internal&circle=own",), ("/chains/row",)),
    "approval.delegations": Route(Yields.NOTHING, ("/inbox/delegations",), ("/inbox/delegations",)),
    "approval.end_delegation": Route(Yields.NOTHING, (), ("/inbox/delegations/{item}/end",)),
    "approval.case": Route(Yields.LINES, ("/inbox/cases/{case}",)),
    "approval.withdraw": Route(Yields.LINES, (), ("/inbox/cases/{case}/withdraw",)),
    "approval.resubmit": Route(Yields.LINES, (), ("/inbox/cases/{case}/resubmit",)),
    "copies.waiting": Route(Yields.LINES, ("/copies",)),
    "copies.register": Route(Yields.LINES, ("/copies/register",)),
    "copies.new": Route(
        Yields.LINES, ("/copies/lines/{line}", "/copies/lines/{line}?kind=extract"), ("/copies/lines/{line}",)
    ),
    "copies.paper": Route(Yields.LINES, ("/copies/{item}",)),
    "copies.revise": Route(Yields.WORDS, ("/copies/{item}/text",), ("/copies/{item}/text",)),
    "copies.open": Route(Yields.LINES, (), ("/copies/{item}/open",)),
    "copies.preview": Route(Yields.WORDS, ("/copies/{item}/draft.pdf",)),
    "copies.check": Route(Yields.LINES, (), ("/copies/{item}/check",)),
    "copies.make": Route(Yields.LINES, (), ("/copies/{item}/make",)),
    "copies.print": Route(Yields.WORDS, (), ("/copies/{item}/print",)),
    "copies.hand_over": Route(Yields.LINES, (), ("/copies/{item}/hand-over",)),
    "copies.void": Route(Yields.LINES, (), ("/copies/{item}/void",)),
    "copies.discard": Route(Yields.LINES, (), ("/copies/{item}/discard",)),
    "copies.verify": Route(Yields.NOTHING, ("/verify", "/verify?code={item}")),
    "borrowing.grants": Route(Yields.LINES, ("/grants",)),
    "borrowing.task": Route(Yields.LINES, ("/grants/task?item={item}",), ("/grants/task?item={item}",)),
    "borrowing.revoke": Route(Yields.LINES, (), ("/grants/{grant}/revoke",)),
    "paper.desk": Route(Yields.LINES, ("/desk", "/desk?code=Z109")),
    "paper.closing_list": Route(Yields.LINES, ("/desk/closing.pdf",)),
    "paper.item": Route(Yields.LINES, ("/desk/items/{item}",)),
    "paper.fetch": Route(Yields.LINES, (), ("/desk/items/{item}/fetch",)),
    "paper.hand_over": Route(Yields.LINES, (), ("/desk/items/{item}/hand-over",)),
    "paper.take_back": Route(Yields.LINES, (), ("/desk/items/{item}/take-back",)),
    "paper.shelve": Route(Yields.LINES, (), ("/desk/items/{item}/shelve",)),
    "paper.report": Route(Yields.LINES, (), ("/desk/items/{item}/report",)),
    "paper.incidents": Route(Yields.LINES, ("/desk/incidents",)),
    "paper.incident": Route(Yields.LINES, ("/desk/incidents/{incident}",)),
    "paper.examine": Route(Yields.LINES, (), ("/desk/incidents/{incident}/examine",)),
    "paper.conclude": Route(Yields.LINES, (), ("/desk/incidents/{incident}/conclude",)),
    "paper.out_acts": Route(Yields.NOTHING, ("/desk/out",)),
    "paper.out_new": Route(Yields.NOTHING, ("/desk/out/new",), ("/desk/out/new",)),
    "paper.out_act": Route(Yields.LINES, ("/desk/out/{out_act}",)),
    "paper.out_card": Route(Yields.LINES, ("/desk/out/{out_act}/card.pdf",)),
    "paper.out_give": Route(Yields.LINES, (), ("/desk/out/{out_act}/give",)),
    "paper.out_take": Route(Yields.LINES, (), ("/desk/out/{out_act}/take",)),
    "paper.out_back": Route(Yields.LINES, (), ("/desk/out/{out_act}/back",)),
    "paper.out_withdraw": Route(Yields.LINES, (), ("/desk/out/{out_act}/withdraw",)),
    "paper.visits": Route(Yields.NOTHING, ("/desk/visitors",)),
    "paper.visit_new": Route(Yields.NOTHING, ("/desk/visitors/new",), ("/desk/visitors/new",)),
    "paper.visit": Route(Yields.LINES, ("/desk/visitors/{visit}",), ("/desk/visitors/{visit}",)),
    "paper.visit_leave": Route(Yields.LINES, (), ("/desk/visitors/{visit}/leave",)),
    "paper.hours": Route(Yields.NOTHING, ("/desk/hours",), ("/desk/hours",)),
    "paper.room": Route(Yields.NOTHING, ("/reading-room",), ("/reading-room",)),
    "paper.cancel_booking": Route(Yields.NOTHING, (), ("/reading-room/{booking}/cancel",)),
}

#: what may be asked for without signing in
PUBLIC = {"__static/", "copies.verify", "sign_in", "sign_in.code", "sign_in.provider", "sign_in.return"}

#: words that stand on pages and nowhere else, by item; none of them is part of a query above
WORDS = {"accounts": ("同比增长", "资产清查", "百分之八点三"), "cadres": ("考察组谈话", "拟推荐人选")}
TITLES = {"accounts": "2020年度财务决算工作总结", "cadres": "关于干部考察工作有关情况的报告"}


@dataclass(frozen=True)
class Persona:
    """Somebody who may not read, how it comes about, and the items whose titles he may not see either."""

    login: str | None
    prepare: Callable[[SmallArchive], None]
    unknown: tuple[str, ...]
    #: where he asks from
    address: str = SEAT
    #: he comes as a program, with a token for these permissions
    scopes: tuple[Permission, ...] = ()


def nothing(_small: SmallArchive) -> None:
    """He never asked."""


def expired(small: SmallArchive) -> None:
    """His grants are over."""
    for number, item in enumerate(WORDS):
        small.grant("engineer", item, f"2021-0001-0{number}", hours=1)
    small.clock.pass_time(timedelta(hours=1))


def not_begun(small: SmallArchive) -> None:
    """His grants begin in a moment."""
    for number, item in enumerate(WORDS):
        small.grant("engineer", item, f"2021-0001-0{number}")
    small.clock.pass_time(-timedelta(seconds=1))


def revoked(small: SmallArchive) -> None:
    """His grants were ended."""
    for number, item in enumerate(WORDS):
        small.grant("engineer", item, f"2021-0001-0{number}")
    revoke_all(small)


def anothers(small: SmallArchive) -> None:
    """Somebody else has grants."""
    for number, item in enumerate(WORDS):
        small.grant("director", item, f"2021-0001-0{number}")


def closed_later(small: SmallArchive) -> None:
    """His grants run, but the records became work secrets of another department; the index does not know it yet."""
    for number, item in enumerate(WORDS):
        small.grant("engineer", item, f"2021-0001-0{number}")
    with small.parts.database.writing() as session:
        for item in WORDS:
            session.get_one(Item, small.items[item]).control = Control.WORK_SECRET


def for_the_room(small: SmallArchive) -> None:
    """His grants run, for the reading room."""
    for number, item in enumerate(WORDS):
        small.grant("engineer", item, f"2021-0001-0{number}", act=Act.DOWNLOAD)


def for_other_pages(small: SmallArchive) -> None:
    """His grants run, for other pages than those he asks for."""
    for number, item in enumerate(WORDS):
        small.grant("engineer", item, f"2021-0001-0{number}", pages="2-3,10-19", act=Act.DOWNLOAD, place=Place.ANYWHERE)


def secret_for(login: str) -> Callable[[SmallArchive], None]:
    """The records are confidential, he is cleared for secret ones only, and the index knows it; his grants run."""

    def prepare(small: SmallArchive) -> None:
        for number, item in enumerate(WORDS):
            small.grant(login, item, f"2021-0001-0{number}", act=Act.DOWNLOAD, place=Place.ANYWHERE)
        with small.parts.database.writing() as session:
            session.get_one(Person, small.people[login]).clearance = Clearance.SECRET
            for item in WORDS:
                session.get_one(Item, small.items[item]).secrecy = Secrecy.CONFIDENTIAL
        index_items(small.parts, [small.items[item] for item in WORDS])

    return prepare


def running(small: SmallArchive) -> None:
    """His grants run, for anywhere and with a copy."""
    for number, item in enumerate(WORDS):
        small.grant("engineer", item, f"2021-0001-0{number}", act=Act.DOWNLOAD, place=Place.ANYWHERE)


def revoke_all(small: SmallArchive) -> None:
    """End every grant now."""
    with small.parts.database.writing() as session:
        for grant in session.scalars(select(Grant)):
            grant.revoked_at = small.clock()


EVERYTHING = ("accounts", "cadres")
PERSONAS = {
    "nobody": Persona(None, nothing, EVERYTHING),
    "another department's reader": Persona("engineer", nothing, ("cadres",)),
    "expired grant": Persona("engineer", expired, ("cadres",)),
    "grant not begun": Persona("engineer", not_begun, ("cadres",)),
    "revoked grant": Persona("engineer", revoked, ("cadres",)),
    "somebody else's grant": Persona("engineer", anothers, ("cadres",)),
    "secrecy raised later": Persona("engineer", closed_later, EVERYTHING),
    "grant for the reading room, elsewhere": Persona("engineer", for_the_room, ("cadres",), address="192.0.2.7"),
    "grant for other pages": Persona("engineer", for_other_pages, ("cadres",)),
    "lower clearance, own department": Persona("accountant", secret_for("accountant"), EVERYTHING),
    "lower clearance, archivist with a task": Persona("archivist", secret_for("archivist"), EVERYTHING),
    "API token without the scope": Persona("engineer", running, ("cadres",), scopes=(Permission.REQUEST,)),
    "API token without a grant": Persona(
        "engineer", nothing, ("cadres",), scopes=(Permission.SEARCH, Permission.REQUEST)
    ),
    "archivist without a task": Persona("archivist", nothing, ()),
    "office director": Persona("director", nothing, ()),
    "security administrator": Persona("secadmin", nothing, EVERYTHING),
    "system administrator": Persona("sysadmin", nothing, EVERYTHING),
    "audit administrator": Persona("auditadmin", nothing, EVERYTHING),
}


@pytest.fixture
def small(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> Iterator[SmallArchive]:
    """An archive declared fit for every secrecy, so that it is the clearance that closes."""
    folder, made = pattern
    settings = Settings.load(
        shutil.copytree(folder, tmp_path / "archive"), environment={"DANGGUI_MAX_SECRECY": "top_secret"}
    )
    with open_parts(settings, clock := SetClock()) as parts:
        yield SmallArchive(parts, clock, made.people, made.items)


def test_every_route_names_a_permission_and_is_classified(small: SmallArchive) -> None:
    """No route is left out of this file, and none but the public ones is open to who is not signed in."""
    views = list(registered_views(small))
    assert {route for route, _permissions in views} == set(ROUTES)
    for route, permissions in views:
        if route in PUBLIC:
            assert permissions == [NO_PERMISSION_REQUIRED], route
        else:
            assert len(permissions) == 1, route
            assert permissions[0] in set(Permission), route
    assert ROUTES["sign_in"].yields is ROUTES["__static/"].yields is Yields.NOTHING


def registered_views(small: SmallArchive) -> Iterator[tuple[str, list[str]]]:
    """Route name and permissions of every view that answers a route."""
    for entry in make_app(small.parts).registry.introspector.get_category("views"):
        route = entry["introspectable"]["route_name"]
        if route is not None:
            yield route, [related["value"] for related in entry["related"] if related.category_name == "permissions"]


@pytest.mark.parametrize("name", PERSONAS)
def test_whoever_may_not_read_gets_no_word(
    name: str, small: SmallArchive, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every registered route is tried; no answer holds a word of a page, nor a title that may not be known."""
    persona = PERSONAS[name]
    ids = fill(small, browser)
    persona.prepare(small)
    visitor = come(persona, small, browser)
    tried = 0
    forbidden = [word for words in WORDS.values() for word in words] + [TITLES[item] for item in persona.unknown]
    for item in WORDS:
        for route, address, answer in answers(visitor, {**ids, "item": small.items[item]}, again=tried > 0):
            assert answer.status_int < 500, (address, answer.status)
            said, tried = text_of(answer), tried + 1
            assert not [word for word in forbidden if word in said], (address, answer.status)
            if ROUTES[route].yields is Yields.WORDS:
                assert not answer.content_type.startswith(("image/", "application/pdf")), address
    with capsys.disabled():
        sys.stdout.write(f"\n{len(ROUTES)} routes × {len(PERSONAS)} people; {name}: {tried} requests ")


@pytest.mark.parametrize("name", sorted(PERSONAS.keys() - {"secrecy raised later"}))
def test_searching_for_words_of_a_page_finds_nothing(name: str, small: SmallArchive, browser: Browser) -> None:
    """Neither hit nor count tells whoever may not read that the words stand on a page, once the index is up to date."""
    persona = PERSONAS[name]
    persona.prepare(small)
    visitor = come(persona, small, browser)
    control = get(visitor, "/search?q=没有这样的词语")
    for words in ("营业收入", "民主测评"):
        answer = get(visitor, f"/search?q={words}")
        assert not [item for item in small.items.values() if item in answer.text]
        assert answer.text.count("<li") == control.text.count("<li")


def come(persona: Persona, small: SmallArchive, browser: Browser) -> TestApp:
    """He asks from where he is: in a browser, or as a program."""
    visitor = browser(None if persona.scopes else persona.login)
    visitor.extra_environ["REMOTE_ADDR"] = persona.address
    if persona.scopes:
        with small.parts.database.writing() as session:
            person = session.get_one(Person, small.people[str(persona.login)])
            tokens = ApiTokenService(session, small.clock, SYSTEM)
            token = tokens.create(person, "报表", persona.scopes, small.clock() + timedelta(days=1))
        visitor.authorization = ("Bearer", token)
    return visitor


@pytest.mark.parametrize("way", ["revoked", "secrecy raised", "seat closed", "bound to other pages"])
def test_the_same_addresses_answer_and_close_again(way: str, small: SmallArchive, browser: Browser) -> None:
    """The addresses tried above are the right ones: a running grant opens them, and each way to end it closes every
    one of them on the next request, although pictures are cached and the browser says that it has them."""
    small.grant("engineer", "accounts", act=Act.DOWNLOAD)
    reader, item = browser("engineer"), small.items["accounts"]
    names = ("discovery.viewer", "discovery.text", "discovery.information", "discovery.image", "discovery.pdf")
    opened = {address.format(item=item) for name in names for address in ROUTES[name].gets}
    answers = {address: get(reader, address) for address in opened}
    assert {answer.status_int for answer in answers.values()} == {200}
    assert {answer.headers["Cache-Control"] for answer in answers.values()} == {"no-store"}
    assert WORDS["accounts"][0] in text_of(answers[f"/items/{item}/pages/1/text"])
    assert item in get(reader, "/search?q=营业收入").text
    close(small, way)
    for address, before in answers.items():
        for tag in (before.headers.get("ETag", '"1"'), "*"):
            kept = {"If-None-Match": tag, "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "Range": "bytes=0-99"}
            answer = get(reader, address, **kept)
            assert answer.status_int == (404 if way == "secrecy raised" else 403), address
            assert not [word for word in WORDS["accounts"] if word in text_of(answer)], address
    assert item not in get(reader, "/search?q=营业收入").text


def close(small: SmallArchive, way: str) -> None:
    """End the only grant, one way or another."""
    with small.parts.database.writing() as session:
        grant = session.scalars(select(Grant)).one()
        if way == "revoked":
            grant.revoked_at = small.clock()
        elif way == "secrecy raised":
            session.get_one(Item, grant.item_id).secrecy = Secrecy.SECRET
        elif way == "seat closed":
            session.scalars(select(Seat)).one().closed_at = small.clock()
        else:
            grant.pages = "2"


def test_a_clearance_high_enough_opens_with_a_grant(small: SmallArchive, browser: Browser) -> None:
    """What the lower clearance was refused above is opened by the higher one; without a grant it stays closed."""
    secret_for("accountant")(small)
    accountant, item = browser("accountant"), small.items["accounts"]
    with small.parts.database.writing() as session:
        session.get_one(Person, small.people["accountant"]).clearance = Clearance.CONFIDENTIAL
    assert WORDS["accounts"][0] in text_of(get(accountant, f"/items/{item}/pages/1/text"))
    assert item in get(accountant, "/search?q=营业收入").text
    revoke_all(small)
    assert get(accountant, f"/items/{item}/pages/1/text").status_int == 403
    assert get(accountant, f"/items/{item}").status_int == 200
    assert item not in get(accountant, "/search?q=营业收入").text


def answers(visitor: TestApp, ids: dict[str, str], *, again: bool = False) -> Iterator[tuple[str, str, Any]]:
    """Every address of every route with its answer; signing out and closing things come last.

    `again`: only those addresses that name the item.
    """
    for name, route in ROUTES.items():
        for address in route.gets:
            if "{item}" in address or not again:
                yield name, address, get(visitor, address.format(**ids))
    token = token_of(visitor)
    for name, route in sorted(ROUTES.items(), key=lambda one: one[0] == "sign_out"):
        for address in route.posts:
            if again and "{item}" not in address:
                continue
            path, _separator, query = address.format(**ids).partition("?")
            sent = {"csrf_token": token, "revision": "0", **dict([query.split("=")] if query else [])}
            yield name, address, visitor.post(path, sent, expect_errors=True)


def get(visitor: TestApp, address: str, **headers: str) -> Any:
    """Open an address, written as a browser sends it."""
    return visitor.get(quote(address, safe="/?&=,"), headers=headers, expect_errors=True)


def token_of(visitor: TestApp) -> str:
    """The token that this visitor's forms carry."""
    page = visitor.get("/", expect_errors=True)
    page = page.follow() if page.status_int == 303 else page
    return str(page.html.find("meta", {"name": "csrf-token"})["content"])


def text_of(answer: Any) -> str:
    """What an answer says, JSON with its characters as they are."""
    if answer.content_type == "application/json":
        return json.dumps(answer.json, ensure_ascii=False)
    return str(answer.text) if answer.content_type.startswith("text/") else ""


def fill(small: SmallArchive, browser: Browser) -> dict[str, str]:
    """A request that waits, a grant of somebody, and the drafts the items came from; their ids."""
    asked = form_to(browser("engineer").get(f"/requests/new?item={small.items['lathe']}"), "/requests/new")
    asked["purpose"] = "核对"
    request_id = asked.submit().headers["Location"].rpartition("/")[2]
    line_id = approved_line(small, "accountant", "cadres", Asked.COPY)
    with small.parts.database.writing() as session:
        enter_copies(session, small)
        batch_id = enter_drafts(session, small)
        box_id = enter_box(session, small)
        step = session.scalars(select(ApprovalStep).where(ApprovalStep.state == StepState.DUE)).one()
        step_id, case_id = step.id, step.case_id
        at_the_desk = enter_papers(session, small)
        scan_id = session.scalars(select(DraftPage.id).where(DraftPage.draft_id == small.items["accounts"])).one()
    grant_id = small.grant("accountant", "lathe", "2021-0009-01", hours=200)
    return {
        "request": request_id,
        "batch": batch_id,
        "grant": grant_id,
        "step": step_id,
        "case": case_id,
        "box": box_id,
        "scan": scan_id,
        "line": line_id,
        **at_the_desk,
    }


def enter_copies(session: Session, small: SmallArchive) -> None:
    """Drafts of extracts, written by another archivist, that hold words of the items; with the items' ids."""
    writer = small.people["archivist2"]
    for name, words in WORDS.items():
        made = IssuedCopy(
            id=small.items[name],
            kind=CopyKind.EXTRACT,
            state=CopyState.DRAFT,
            applicant_id=small.people["accountant"],
            purpose="核对",
            heading=words[0],
            writer_id=writer,
            keeper_id=writer,
            written_at=small.clock(),
        )
        made.parts.append(CopyPart(position=1, item_id=small.items[name], page=1, text="，".join(words)))
        session.add(made)


def enter_box(session: Session, small: SmallArchive) -> str:
    """A box in which all items lie."""
    first = session.get_one(Item, small.items["accounts"])
    box = Box(
        fonds_id=first.fonds_id,
        unit_id=first.unit_id,
        year=first.year,
        retention=first.retention,
        number=1,
        created_at=small.clock(),
    )
    session.add(box)
    session.flush()
    for item_id in small.items.values():
        session.get_one(Item, item_id).box_id = box.id
    return box.id


def enter_papers(session: Session, small: SmallArchive) -> dict[str, str]:
    """Paper of which something is wrong, an order for it to leave, a visitor who wants it, and a booked seat."""
    desk, archivist = Counter(session, small.clock), session.get_one(Person, small.people["archivist"])
    item = session.get_one(Item, small.items["accounts"])
    item.category.electronic_only = False
    session.flush()
    incident = desk.incidents(archivist).report(item, IncidentKind.DAMAGED, archivist, "边缘撕裂")
    order = Order(OutKind.REPAIR, "修裱", "办公室主任", "修复室", due_back="2021-04-01")
    act = desk.out(archivist).order(order, [item], archivist)
    companion = session.get_one(Person, small.people["accountant"])
    told = Told(
        "陈志远", "江海市志办", "市志函〔2021〕8号", DocumentKind.IDENTITY_CARD, "123X", "编修市志", "2021-03-05"
    )
    visit = desk.visits(archivist).register(told, companion, archivist)
    desk.visits(archivist).ask(visit.id, item, VisitAsked.PAPER, archivist)
    seat = session.scalars(select(Seat.id)).first() or ""
    booking = desk.room(companion).book(companion, seat, "2021-03-05", Half.AFTERNOON)
    return {"incident": incident.id, "out_act": act.id, "visit": visit.id, "booking": booking.id}


def enter_drafts(session: Session, small: SmallArchive) -> str:
    """The accepted drafts of the items, still with their words, as they lie in intake until they are swept."""
    category = session.scalars(select(Category)).one()
    batch = Batch(
        number="20210305-01",
        source=BatchSource.UPLOAD,
        fonds_id=category.fonds_id,
        category_id=category.id,
        created_by=small.people["archivist"],
        created_at=small.clock(),
    )
    session.add(batch)
    session.flush()
    for position, (name, item_id) in enumerate(small.items.items()):
        enter_draft(session, small, batch, position, item_id, name)
    return batch.id


def enter_draft(session: Session, small: SmallArchive, batch: Batch, position: int, item_id: str, name: str) -> None:
    """One accepted draft with its pages."""
    key = f"intake/{item_id}/1"
    file = BatchFile(
        batch_id=batch.id,
        position=position,
        name=f"{name}.png",
        intake_key=key,
        size=1,
        sha256="0" * 64,
        state=FileState.OPENED,
    )
    session.add(file)
    session.flush()
    draft = Draft(
        id=item_id,
        batch_id=batch.id,
        name=file.name,
        position=position,
        state=DraftState.ACCEPTED,
        accepted_by=small.people["archivist"],
        accepted_at=small.clock(),
    )
    pages = session.scalars(select(Page).where(Page.item_id == item_id)).all()
    draft.pages = [
        DraftPage(
            batch_id=batch.id,
            file_id=file.id,
            number=page.number,
            source_page=page.number - 1,
            state=PageState.DONE,
            width=page.width,
            height=page.height,
            content=page.texts[0].content,
            thumbnail_key=key,
        )
        for page in pages
    ]
    session.add(draft)
    session.flush()
