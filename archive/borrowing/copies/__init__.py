"""Copies 复制件, extracts 摘录 and certificates 档案证明, and the public page where whoever holds one verifies it."""

from typing import Any

__all__ = ["includeme"]

_ROUTES = (
    ("copies.waiting", "/copies", "GET"),
    ("copies.register", "/copies/register", "GET"),
    ("copies.new", "/copies/lines/{line_id}", None),
    ("copies.paper", "/copies/{copy_id}", "GET"),
    ("copies.revise", "/copies/{copy_id}/text", None),
    ("copies.open", "/copies/{copy_id}/open", "POST"),
    ("copies.preview", "/copies/{copy_id}/draft.pdf", "GET"),
    ("copies.check", "/copies/{copy_id}/check", "POST"),
    ("copies.make", "/copies/{copy_id}/make", "POST"),
    ("copies.print", "/copies/{copy_id}/print", "POST"),
    ("copies.hand_over", "/copies/{copy_id}/hand-over", "POST"),
    ("copies.void", "/copies/{copy_id}/void", "POST"),
    ("copies.discard", "/copies/{copy_id}/discard", "POST"),
    ("copies.verify", "/verify", "GET"),
)


def includeme(config: Any) -> None:
    """Routes and services."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.borrowing.copies.limit import Tries
    from archive.borrowing.copies.queries import CopyQueries
    from archive.borrowing.copies.service import CopyService

    def service(_context: object, request: Any) -> CopyService:
        return CopyService(request.db, request.clock, request.actor, request.parts.settings.zone)

    for name, pattern, method in _ROUTES:
        config.add_route(name, pattern, **({"request_method": method} if method else {}))
    config.registry.copy_tries = Tries()
    config.register_service_factory(service, iface=CopyService)
    config.register_service_factory(lambda _context, request: CopyQueries(request.db, request.clock), iface=CopyQueries)
    config.scan(".views")
