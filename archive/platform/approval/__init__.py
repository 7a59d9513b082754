"""Approval: chains of steps as a pure state machine, stored with who decided what and when; one inbox for all of it."""

from functools import partial
from typing import Any

__all__ = ["includeme"]

_ROUTES = (
    ("approval.inbox", "/inbox", "GET"),
    ("approval.decide_several", "/inbox", "POST"),
    ("approval.asked", "/inbox/asked", "GET"),
    ("approval.decided", "/inbox/decided", "GET"),
    ("approval.case", "/inbox/cases/{case_id}", "GET"),
    ("approval.resubmit", "/inbox/cases/{case_id}/resubmit", "POST"),
    ("approval.withdraw", "/inbox/cases/{case_id}/withdraw", "POST"),
    ("approval.delegations", "/inbox/delegations", None),
    ("approval.end_delegation", "/inbox/delegations/{delegation_id}/end", "POST"),
    ("approval.chains", "/chains", "GET"),
    ("approval.chain", "/chains/row", None),
    ("approval.decide", "/inbox/steps/{step_id}", "POST"),
)


def includeme(config: Any) -> None:
    """Routes, services, and how many decisions wait (`request.waiting`), for him or whom he stands for (`mandates`)."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.platform.approval.chain_service import ChainService
    from archive.platform.approval.decisions import Decisions
    from archive.platform.approval.delegations import DelegationService
    from archive.platform.approval.inbox import Inbox, mandates_of
    from archive.platform.approval.service import ApprovalService

    def waiting(request: Any) -> int:
        return request.find_service(Inbox).waiting(request.identity) if request.identity else 0

    def decisions(_context: object, request: Any) -> Decisions:
        zone = request.parts.settings.zone
        return Decisions(request.db, request.clock, request.actor, zone, request.approval_subjects)

    for name, pattern, method in _ROUTES:
        config.add_route(name, pattern, **({"request_method": method} if method else {}))
    for service in (ApprovalService, ChainService, DelegationService):
        config.register_service_factory(partial(_acting, service), iface=service)
    config.register_service_factory(lambda _context, request: Inbox(request.db, request.clock), iface=Inbox)
    config.register_service_factory(decisions, iface=Decisions)
    config.add_request_method(waiting, "waiting", reify=True)
    config.add_request_method(
        lambda request: mandates_of(request.db, request.identity, request.clock), "mandates", reify=True
    )
    config.scan(".views")


def _acting(service: Any, _context: object, request: Any) -> Any:
    """A service that acts in the name of who asks."""
    return service(request.db, request.clock, request.actor)
