"""Who did what: written in the transaction of the act, then sealed into a hash chain, then kept in the store."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """The audit page."""
    # Imported here: the tables and services of this package are used where there is no web.
    from archive.platform.audit.queries import AuditQueries

    def queries(_context: object, request: Any) -> AuditQueries:
        return AuditQueries(request.db, request.parts.settings.zone)

    config.add_route("audit.entries", "/audit", request_method="GET")
    config.register_service_factory(queries, iface=AuditQueries)
    config.scan(".views")
