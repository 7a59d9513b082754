"""Keeping what is stored: fixity rounds, the second copy, repair, locks, backup, and rebuilding all from the store."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes and services."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.preservation.service import PreservationService
    from archive.preservation.state import Preservation

    def state(_context: object, request: Any) -> Preservation:
        return Preservation(request.db, request.clock, request.parts.settings)

    def service(_context: object, request: Any) -> PreservationService:
        return PreservationService(request.db, request.clock, request.actor)

    config.add_route("preservation.state", "/preservation", request_method="GET")
    config.add_route("preservation.check", "/preservation/copies/{copy_id}/check", request_method="POST")
    config.register_service_factory(state, iface=Preservation)
    config.register_service_factory(service, iface=PreservationService)
    config.scan(".views")
