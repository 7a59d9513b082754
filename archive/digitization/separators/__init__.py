"""Separator sheets: printed, told apart from pages again, and what is doubtful about the division they make."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes and the service."""
    # Imported here: batches are divided where there is no web.
    from archive.digitization.separators.sets import SeparatorSetService

    config.add_route("digitization.separators", "/digitization/separators")
    config.add_route("digitization.separator_set", "/digitization/separators/{set_id}/pdf", request_method="GET")
    config.register_service_factory(
        lambda _context, request: SeparatorSetService(request.db, request.clock), iface=SeparatorSetService
    )
    config.scan(".views")
