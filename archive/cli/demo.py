"""`danggui demo`: an invented enterprise with its people, and the scans of `samples/` filed in its archive."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.codes import BY_ITEM
from archive.catalogue.models import Fonds, NumberAt
from archive.catalogue.service import CatalogueService
from archive.cli.acting import acting_person, command_actor, operator
from archive.cli.background import background
from archive.cli.errors import CommandError
from archive.cli.ingest import take_in, wait_for
from archive.cli.init import initialise
from archive.digitization.fields import DraftFields
from archive.digitization.models import Batch, Draft, DraftState
from archive.digitization.review import DraftService
from archive.platform.accounts.models import Role, Unit
from archive.platform.accounts.passwords import random_password
from archive.platform.accounts.service import AccountService
from archive.platform.parts import Parts, open_parts
from archive.platform.seats.service import SeatService
from archive.settings import Settings

__all__ = ["PEOPLE", "demo"]

_SAMPLES = Path(__file__).parents[2] / "samples"
_ARCHIVIST = "zhoumin"
#: left for the archivist to review
_UNREVIEWED = frozenset({"2020-bgs-epidemic-decision.jpg", "2020-sjb-inspection-letter.jpg"})


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the invented enterprise."""

    login: str
    name: str
    unit: str
    post: str
    roles: tuple[Role, ...]


PEOPLE = (
    DemoPerson(_ARCHIVIST, "周敏", "BGS", "档案员", (Role.ARCHIVIST,)),
    DemoPerson("fanghui", "方慧", "BGS", "档案员", (Role.ARCHIVIST,)),
    DemoPerson("luwenjuan", "陆文娟", "BGS", "办公室主任", (Role.OFFICE_DIRECTOR,)),
    DemoPerson("chenzhiyuan", "陈志远", "BGS", "分管副总经理", (Role.LEADER,)),
    DemoPerson("gujianping", "顾建平", "BGS", "综合办公室副主任", (Role.DEPARTMENT_HEAD,)),
    DemoPerson("shixuemei", "施雪梅", "RLB", "人力资源部部长", (Role.DEPARTMENT_HEAD,)),
    DemoPerson("shenguodong", "沈国栋", "CWB", "财务部部长", (Role.DEPARTMENT_HEAD,)),
    DemoPerson("huangzhiqiang", "黄志强", "SJB", "生产技术部部长", (Role.DEPARTMENT_HEAD,)),
    DemoPerson("xulihua", "徐丽华", "RLB", "兼职档案员", (Role.RECORDS_OFFICER,)),
    DemoPerson("lihua", "李华", "SJB", "设备工程师", (Role.READER,)),
    DemoPerson("wangxiaoyan", "王晓燕", "CWB", "会计", (Role.READER,)),
    DemoPerson("zhaolei", "赵磊", "RLB", "培训专员", (Role.READER,)),
    DemoPerson("qianwei", "钱伟", "BGS", "系统管理员", (Role.SYSTEM_ADMINISTRATOR,)),
    DemoPerson("sunjing", "孙静", "BGS", "安全保密管理员", (Role.SECURITY_ADMINISTRATOR,)),
    DemoPerson("wutao", "吴涛", "BGS", "安全审计员", (Role.AUDIT_ADMINISTRATOR,)),
)


@click.command()
@click.option(
    "--password", envvar="DANGGUI_DEMO_PASSWORD", help="One password for everybody, for tests; default: random ones."
)
@click.pass_obj
def demo(settings: Settings, password: str | None) -> None:
    """Prepare the demo archive: people of different duties, and scans to search, read and review.

    The passwords are printed once and kept nowhere. Done again, it only finishes what is missing.

    \b
    Example:  danggui --data var demo
    """
    if not (_SAMPLES / "samples.json").exists():
        raise CommandError("the samples are not here: run the demo from a copy of the project's sources")
    samples = json.loads((_SAMPLES / "samples.json").read_text())
    settings.folder.mkdir(parents=True, exist_ok=True)
    with open_parts(settings) as parts:
        initialise(parts)
        passwords = _found(parts, samples, password)
        for person in PEOPLE:
            if person.login in passwords:
                click.echo(f"{person.login:<14} {passwords[person.login]}  {person.name} {person.post}")
        filed = _file_samples(parts, samples)
    if not passwords and not filed:
        click.echo("The demo archive is there already.")
    else:
        click.echo(f"The demo archive is ready: {filed} records were filed, {len(_UNREVIEWED)} scans wait for review.")


def _found(parts: Parts, samples: dict[str, Any], password: str | None) -> dict[str, str]:
    """Fonds, categories, departments and people, all or none; returns the passwords, empty if they were there."""
    with parts.database.writing() as session:
        catalogue = CatalogueService(session, parts.clock, operator())
        if session.scalar(select(Fonds.id).where(Fonds.code == samples["fonds"]["code"])):
            return {}
        fonds = catalogue.create_fonds(**samples["fonds"])
        for name, electronic_only in (("文书档案", False), ("文书档案（仅电子）", True)):
            catalogue.create_category(fonds, "WS", name, BY_ITEM, NumberAt.ACCEPTANCE, electronic_only=electronic_only)
        SeatService(session, parts.clock, operator()).register("阅览室 1 号机", "127.0.0.1")
        accounts = AccountService(session, parts.clock, operator())
        units = {code: accounts.create_unit(code, name) for code, name in samples["departments"].items()}
        return {person.login: _hire(accounts, person, units, password) for person in PEOPLE}


def _hire(accounts: AccountService, someone: DemoPerson, units: dict[str, Unit], password: str | None) -> str:
    given = password or random_password()
    person = accounts.create_person(someone.login, someone.name, units[someone.unit], someone.roles, post=someone.post)
    accounts.set_password(person, given)
    return given


def _file_samples(parts: Parts, samples: dict[str, Any]) -> int:
    """Take the scans in and accept most of them as the archivist; goes on where an earlier run stopped."""
    documents = {document["file"]: document for document in samples["documents"]}
    with background(parts):
        batch_id = _batch(parts, sorted(documents))
        wait_for(parts, batch_id, "Recognising")
        with parts.database.writing() as session:
            filed = _accept(parts, session, batch_id, documents)
        wait_for(parts, batch_id, "Filing")
    return filed


def _batch(parts: Parts, names: list[str]) -> str:
    with parts.database.reading() as session:
        earlier = session.scalar(select(Batch.id).order_by(Batch.id).limit(1))
    if earlier is not None:
        return earlier
    return take_in(parts, [_SAMPLES / name for name in names], login=_ARCHIVIST, box="auto").batch_id


def _accept(parts: Parts, session: Session, batch_id: str, documents: dict[str, Any]) -> int:
    archivist = acting_person(session, _ARCHIVIST)
    review = DraftService(session, parts.clock, command_actor(archivist))
    units = {unit.code: unit.id for unit in session.scalars(select(Unit))}
    ready = select(Draft).where(Draft.batch_id == batch_id, Draft.state == DraftState.READY).order_by(Draft.position)
    accepted = 0
    for draft in session.scalars(ready).all():
        if draft.name in _UNREVIEWED or draft.name not in documents:
            continue
        fields = _as_known(DraftFields.from_json(draft.fields), documents[draft.name], units)
        review.accept(draft, draft.revision, fields, archivist)
        accepted += 1
    return accepted


def _as_known(fields: DraftFields, document: dict[str, Any], units: dict[str, str]) -> DraftFields:
    """What no recognition can tell: whose record it is, who may know it, how long it is kept."""
    return replace(
        fields,
        unit_id=units[document["department"]],
        control=document["control"],
        retention=document["retention"],
        electronic_only=document["file"].endswith(".pdf"),
    )
