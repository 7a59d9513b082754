"""A small archive with four filed items of different circles, made the way every record is made."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from archive.catalogue.filing import enter_item, store_object
from archive.catalogue.models import Category, Control, Retention
from archive.catalogue.new_item import NewFile, NewItem, NewPage
from archive.discovery.search import build_documents
from archive.migrations import upgrade
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.db import Clock, new_id
from archive.platform.grants import Grant, GrantKind
from archive.platform.outbox import IndexOutbox, StoreOutbox
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings
from tests.factories.clock import SetClock
from tests.factories.drawn_pages import drawn_page
from tests.factories.organisation import Organisation, make_organisation

__all__ = ["PASSWORD", "SmallArchive", "Told", "file_item", "index_items", "small_archive"]

PASSWORD = "correct horse battery"

#: who can sign in, with PASSWORD
_WITH_PASSWORD = ("archivist", "director", "accountant", "engineer", "auditadmin", "secadmin")


@dataclass(frozen=True, slots=True)
class SmallArchive:
    """The opened archive, its clock, and the ids of people by login and of items by a short name."""

    parts: Parts
    clock: SetClock
    people: dict[str, str]
    items: dict[str, str]

    def grant(self, login: str, item: str, number: str = "2021-0012-01", hours: float = 4, **bounds: Any) -> str:
        """Leave to read an item from now on; returns the grant's id. `bounds`: more columns, such as its pages."""
        with self.parts.database.writing() as session:
            row = Grant(
                number=number,
                kind=GrantKind.APPROVED,
                person_id=self.people[login],
                item_id=self.items[item],
                purpose="核对数据",
                starts_at=self.clock(),
                ends_at=self.clock() + timedelta(hours=hours),
                created_at=self.clock(),
            )
            for name, value in bounds.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
            return row.id


@dataclass(frozen=True, slots=True)
class Told:
    """One item as this module tells it: each page is a list of lines."""

    unit: str
    control: Control
    title: str
    number: str
    issuer: str
    date: str
    pages: Sequence[Sequence[str]]


_ITEMS = {
    "safety": Told(
        "GCB",
        Control.PUBLIC,
        "关于开展2021年“安全生产月”活动的通知",
        "江海生〔2021〕23号",
        "江海实业集团有限公司",
        "20210528",
        [
            [
                "关于开展“安全生产月”活动的通知",
                "各部门、各子公司：",
                "今年六月是第二十个全国安全生产月。为深入学习贯彻关于安全",
                "生产的重要论述，落实安全生产责任，经研究决定在全公司开展安",
                "全生产月活动，现将有关事项通知如下：",
                "一、活动主题：落实安全责任，推动安全发展。",
                "二、活动时间：2021年6月1日至6月30日。",
                "三、各车间应组织一次应急演练，并将演练记录报工程部。",
            ],
            [
                "附件：活动安排表",
                "第一周  安全生产宣传咨询日",
                "第二周  隐患排查与整改",
                "第三周  消防与触电应急演练",
                "第四周  总结评比，演练记录归档",
            ],
        ],
    ),
    "lathe": Told(
        "BGS",
        Control.INTERNAL,
        "关于购置数控车床的请示",
        "江海办〔2021〕12号",
        "办公室",
        "20210305",
        [
            [
                "关于购置数控车床的请示",
                "公司领导：",
                "一车间现有两台车床已超过使用年限，精度下降，维修费用逐年上",
                "升。为保证出口订单按期交付，拟购置数控车床三台，预算一百二",
                "十六万元，资金从技术改造专项中列支。",
                "妥否，请批示。",
            ]
        ],
    ),
    "accounts": Told(
        "CWB",
        Control.INTERNAL,
        "2020年度财务决算工作总结",
        "江海财〔2021〕5号",
        "财务部",
        "20210118",
        [
            [
                "2020年度财务决算工作总结",
                "本年度决算工作在集团公司统一部署下，按期完成报表编制、审计",
                "配合和资产清查，营业收入同比增长百分之八点三。",
            ]
        ],
    ),
    "cadres": Told(
        "BGS",
        Control.WORK_SECRET,
        "关于干部考察工作有关情况的报告",
        "江海办密〔2021〕3号",
        "办公室",
        "20210912",
        [["关于干部考察工作有关情况的报告", "经考察组谈话了解，拟推荐人选的民主测评情况如下。"]],
    ),
}


@contextmanager
def small_archive(folder: Path, settings: Settings | None = None) -> Iterator[SmallArchive]:
    """The archive in a folder of its own, or where the settings say, filed and indexed."""
    clock = SetClock()
    with open_parts(settings or Settings.load(folder, environment={}), clock) as parts:
        upgrade(parts.database)
        parts.repository.initialise()
        with parts.database.writing() as session:
            organisation = make_organisation(session, clock)
            _give_passwords(session, clock, organisation)
        archivist, units = organisation.people["archivist"].id, organisation.units
        items = {
            name: file_item(parts, told, organisation.category, units[told.unit].id, archivist)
            for name, told in _ITEMS.items()
        }
        index_items(parts, list(items.values()))
        people = {login: person.id for login, person in organisation.people.items()}
        yield SmallArchive(parts, clock, people, items)


def _give_passwords(session: Session, clock: Clock, organisation: Organisation) -> None:
    accounts = AccountService(session, clock, SYSTEM)
    for login in _WITH_PASSWORD:
        accounts.set_password(organisation.people[login], PASSWORD)


def file_item(parts: Parts, told: Told, category: Category, unit_id: str, archivist_id: str) -> str:
    """File an item along the way every record takes; returns its id."""
    item_id = new_id()
    files = tuple(_scan(parts, item_id, number, lines) for number, lines in enumerate(told.pages, start=1))
    new = NewItem(
        id=item_id,
        fonds_id=category.fonds_id,
        category_id=category.id,
        unit_id=unit_id,
        box_id=None,
        title=told.title,
        document_number=told.number,
        issuer=told.issuer,
        addressee="",
        date=told.date,
        year=int(told.date[:4]),
        retention=Retention.PERMANENT,
        control=told.control,
        accepted_by=archivist_id,
        accepted_at=parts.clock(),
        files=files,
    )
    store_object(parts, new, "沈鉴")
    with parts.database.writing() as session:
        return enter_item(session, parts.clock, SYSTEM, new, 2021).id


def _scan(parts: Parts, item_id: str, number: int, lines: Sequence[str]) -> NewFile:
    data, text = drawn_page(lines)
    digest = hashlib.sha256(data).hexdigest()
    key = f"intake/{item_id}/{number}"
    parts.store.put(key, io.BytesIO(data), sha256=digest)
    page = NewPage(number, 0, 0, text.width, text.height, 150, False, text)
    return NewFile(number, key, f"扫描{number:04}.png", "image/png", len(data), digest, (page,))


def index_items(parts: Parts, item_ids: list[str]) -> None:
    """Bring items into the index as they are now."""
    with parts.database.reading() as session:
        documents = build_documents(session, item_ids)
    with parts.index.writer() as writer:
        writer.write(documents)
    with parts.database.writing() as session:
        session.execute(delete(IndexOutbox))
        session.execute(delete(StoreOutbox))
