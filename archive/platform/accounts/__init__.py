"""People, units, posts, roles, passwords and sessions."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes, the service, and the policy that says who asks."""
    # Imported here: the tables and services of this package are used where there is no web.
    from archive.platform.accounts.security import SessionPolicy
    from archive.platform.accounts.service import AccountService

    config.set_security_policy(SessionPolicy())
    config.add_route("sign_in", "/sign-in")
    config.add_route("sign_out", "/sign-out", request_method="POST")
    config.register_service_factory(
        lambda _context, request: AccountService(request.db, request.clock, request.actor, request.duties),
        iface=AccountService,
    )
    config.scan(".views")
