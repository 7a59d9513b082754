"""The page 识别规则: what was learnt of each issuer, and the act that withdraws a rule."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from archive.catalogue.models import Control, Retention
from archive.catalogue.words import RETENTION
from archive.digitization.learning.models import IssuerRule, Taught
from archive.digitization.learning.service import LearningService
from archive.platform.accounts.models import Unit
from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _

__all__: list[str] = []

TAUGHT = {
    Taught.ISSUER: _("责任者"),
    Taught.UNIT: _("归档部门"),
    Taught.RETENTION: _("保管期限"),
    Taught.CONTROL: _("控制范围"),
    Taught.CARRIER: _("载体"),
    Taught.NUMBER_CODE: _("机关代字"),
    Taught.TITLE_PREFIX: _("题名前的责任者"),
}
CONTROLS = {Control.PUBLIC: _("公开"), Control.INTERNAL: _("内部"), Control.WORK_SECRET: _("工作秘密")}
CARRIERS = {"paper": _("有纸质原件"), "electronic": _("仅有电子文件")}


@view_config(
    route_name="digitization.rules",
    request_method="GET",
    permission=Permission.DIGITIZE,
    renderer="archive:digitization/learning/templates/rules.jinja2",
)
def rules(request: Request) -> dict[str, Any]:
    """All rules, an issuer after the other."""
    found = request.find_service(LearningService).rules(request.identity)
    units = {unit.id: unit.name for unit in request.db.scalars(select(Unit))}
    return {"rules": [(rule, request.translate(TAUGHT[rule.taught]), _value(request, rule, units)) for rule in found]}


@view_config(route_name="digitization.withdraw_rule", request_method="POST", permission=Permission.DIGITIZE)
def withdraw(request: Request) -> Response:
    """Forget one rule; what was proposed by it stays on the drafts that have it."""
    request.find_service(LearningService).withdraw(request.matchdict["rule_id"], request.identity)
    return HTTPSeeOther(request.route_path("digitization.rules"))


def _value(request: Request, rule: IssuerRule, units: dict[str, str]) -> str:
    """What it proposes, in words."""
    match rule.taught:
        case Taught.UNIT:
            return units.get(rule.value, "")
        case Taught.RETENTION:
            return str(request.translate(RETENTION[Retention(rule.value)]))
        case Taught.CONTROL:
            return str(request.translate(CONTROLS[Control(rule.value)]))
        case Taught.CARRIER:
            return str(request.translate(CARRIERS[rule.value]))
        case _:
            return rule.value
