"""The page 保存状态: whether everything kept is whole, what is wrong, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _
from archive.platform.parts import Location
from archive.preservation.checking import WHOLE
from archive.preservation.models import CopyState
from archive.preservation.service import PreservationService
from archive.preservation.state import LISTED, Preservation, PreservationState

__all__: list[str] = []

LOCATIONS = {Location.PRIMARY: _("主存储"), Location.SECOND: _("第二存储")}
STATES = {CopyState.DAMAGED: _("损坏"), CopyState.MISSING: _("缺失")}

#: what waits longer waits for something that is broken
_LONG = {"copy": timedelta(days=1), "journal": timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person must see to: what it is, and what to do next, as message ids with their facts."""

    says: str
    mend: str
    tone: str = "amber"
    facts: dict[str, Any] = field(default_factory=dict)


@view_config(
    route_name="preservation.state",
    permission=Permission.PRESERVE,
    renderer="archive:preservation/templates/state.jinja2",
)
def state(request: Request) -> dict[str, Any]:
    """How everything is kept, from the rows alone."""
    found = request.find_service(Preservation).state()
    return {
        "state": found,
        "problems": list(_problems(found)),
        "settings": request.parts.settings,
        "has_second": Location.SECOND in found.copies,
        "bad_number": sum(copies.bad for copies in found.copies.values()),
        "listed": LISTED,
        "locations": LOCATIONS,
        "states": STATES,
        "whole": WHOLE,
    }


@view_config(route_name="preservation.check", permission=Permission.PRESERVE)
def check(request: Request) -> HTTPSeeOther:
    """Order that a copy is read again."""
    request.find_service(PreservationService).order_check(request.matchdict["copy_id"])
    return HTTPSeeOther(request.route_path("preservation.state"))


def _problems(state: PreservationState) -> Iterator[Problem]:
    bad = sum(copies.bad for copies in state.copies.values())
    overdue = sum(copies.overdue for copies in state.copies.values())
    if bad:
        yield Problem(_("{n} 份副本损坏或缺失，尚未修复。"), _mend(state), "red", {"n": f"{bad:,}"})
    if overdue:
        yield Problem(
            _("{n} 份副本超过期限没有核验。"),
            _("请系统管理员确认后台服务正在运行；仍然跟不上时，调高核验速度（DANGGUI_FIXITY_RATE）。"),
            facts={"n": f"{overdue:,}"},
        )
    if state.waiting_since is not None and state.at - state.waiting_since > _LONG["copy"]:
        yield Problem(
            _("{n} 件等待复制已超过一天。"),
            _("请系统管理员检查第二存储能否访问，后台服务是否在运行。"),
            facts={"n": f"{state.waiting:,}"},
        )
    if state.journal_waiting is not None and state.at - state.journal_waiting > _LONG["journal"]:
        yield Problem(_("目录的变更超过一小时没有写入存储。"), _("请系统管理员确认后台服务正在运行，存储能够访问。"))


def _mend(state: PreservationState) -> str:
    if Location.SECOND in state.copies:
        return _("系统每小时从另一份副本再修复一次。请按下面的清单检查存储设备；两份都有问题的，从备份恢复。")
    return _("没有第二存储，系统无法自行修复。请按下面的清单从备份恢复，再点“重新核验”，并尽快设置第二存储。")
