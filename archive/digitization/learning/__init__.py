"""Rules that archivists teach by correcting: what was wrong of an issuer is proposed right on its next document."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """The page of the rules, and their service."""
    # Imported here: the rules are followed where there is no web.
    from archive.digitization.learning.service import LearningService

    config.add_route("digitization.rules", "/issuer-rules")
    config.add_route("digitization.withdraw_rule", "/issuer-rules/{rule_id}/withdraw", request_method="POST")
    config.register_service_factory(
        lambda _context, request: LearningService(request.db, request.clock, request.actor), iface=LearningService
    )
    config.scan(".views")
