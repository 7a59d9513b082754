"""Approval: chains of steps as a pure state machine, stored with who decided what and when."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """The service, and `request.waiting`: how many decisions wait for the person, shown in the bar."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.platform.approval.service import ApprovalService

    def waiting(request: Any) -> int:
        return request.find_service(ApprovalService).waiting(request.identity) if request.identity else 0

    config.register_service_factory(
        lambda _context, request: ApprovalService(request.db, request.clock, request.actor), iface=ApprovalService
    )
    config.add_request_method(waiting, "waiting", reify=True)
