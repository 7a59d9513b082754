"""An invented enterprise in a database: two departments, people with different duties, a fonds with a category."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from archive.catalogue.models import (
    Category,
    Control,
    Fonds,
    Item,
    ItemState,
    NumberAt,
    Retention,
    Secrecy,
    TradeSecrecy,
)
from archive.platform.accounts.models import Person, Role, Unit
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.db import Clock, new_id
from archive.platform.seats.models import Seat

__all__ = ["SEAT", "Organisation", "make_item", "make_organisation"]

#: the address of the one seat of the reading room
SEAT = "127.0.0.1"

_PEOPLE: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("archivist", "沈鉴", "BGS", (Role.ARCHIVIST,)),
    ("archivist2", "何守", "BGS", (Role.ARCHIVIST,)),
    ("director", "方正", "BGS", (Role.OFFICE_DIRECTOR,)),
    ("finance_head", "钱明", "CWB", (Role.DEPARTMENT_HEAD,)),
    ("accountant", "孙敏", "CWB", (Role.READER,)),
    ("engineer", "李工", "GCB", (Role.READER,)),
    ("engineering_head", "周建", "GCB", (Role.DEPARTMENT_HEAD,)),
    ("sysadmin", "管一", "BGS", (Role.SYSTEM_ADMINISTRATOR,)),
    ("secadmin", "管二", "BGS", (Role.SECURITY_ADMINISTRATOR,)),
    ("auditadmin", "管三", "BGS", (Role.AUDIT_ADMINISTRATOR,)),
)


@dataclass(frozen=True)
class Organisation:
    """The ids' holders, by code and by login."""

    units: dict[str, Unit]
    people: dict[str, Person]
    category: Category
    #: id of the seat at SEAT
    seat: str


def make_organisation(session: Session, clock: Clock) -> Organisation:
    """Fill an empty database. Nobody has a password yet."""
    accounts = AccountService(session, clock, SYSTEM)
    names = {"BGS": "办公室", "CWB": "财务部", "GCB": "工程部"}
    units = {code: accounts.create_unit(code, name) for code, name in names.items()}
    people = {login: accounts.create_person(login, name, units[code], roles) for login, name, code, roles in _PEOPLE}
    fonds = Fonds(code="Z109", name="江海实业集团有限公司")
    category = Category(
        fonds=fonds,
        code="WS",
        name="文书",
        code_pattern="{fonds}-{category}·{year}-{retention}-{unit}-{number:04}",
        number_at=NumberAt.ACCEPTANCE,
        electronic_only=True,
    )
    seat = Seat(id=new_id(), name="阅览室 1 号机", address=SEAT, created_at=clock())
    session.add_all([category, seat])
    session.flush()
    return Organisation(units, people, category, seat.id)


def make_item(
    session: Session,
    organisation: Organisation,
    title: str,
    *,
    unit: str = "CWB",
    control: Control = Control.INTERNAL,
    trade_secrecy: TradeSecrecy = TradeSecrecy.NONE,
    state: ItemState = ItemState.FILED,
) -> Item:
    """An item of the catalogue, without pages."""
    archivist = organisation.people["archivist"]
    number = new_id()
    item = Item(
        id=number,
        fonds_id=organisation.category.fonds_id,
        category_id=organisation.category.id,
        unit_id=organisation.units[unit].id,
        code=f"Z109-WS·2021-Y-{unit}-{number[-4:]}",
        accession=number,
        state=state,
        title=title,
        year=2021,
        retention=Retention.PERMANENT,
        secrecy=Secrecy.NONE,
        trade_secrecy=trade_secrecy,
        control=control,
        page_count=1,
        accepted_by=archivist.id,
        accepted_at=archivist.created_at,
    )
    session.add(item)
    session.flush()
    return item
