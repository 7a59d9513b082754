"""Notices to people: in the system first; by e-mail and webhook where that is set."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes, the service, and how many notices are unread (`request.unread`)."""
    # Imported here: the tables of this package are used where there is no web.
    from archive.platform.notifications.service import NoticeService

    def unread(request: Any) -> int:
        return request.find_service(NoticeService).unread(request.identity) if request.identity else 0

    config.add_route("notices.mine", "/notices", request_method="GET")
    config.add_route("notices.read_all", "/notices", request_method="POST")
    config.add_route("notices.choices", "/notices/mail")
    config.add_route("notices.open", "/notices/{notice_id}", request_method="POST")
    config.register_service_factory(
        lambda _context, request: NoticeService(request.db, request.clock), iface=NoticeService
    )
    config.add_request_method(unread, "unread", reify=True)
    config.scan(".views")
