"""The register of use 利用登记簿, effects of use 利用效果, and statistics: made from what is recorded anyway."""

from typing import Any

__all__ = ["includeme"]

_ROUTES = (
    ("ledger.register", "/ledger", "GET"),
    ("ledger.export", "/ledger/register.{format:xlsx|pdf}", "GET"),
    ("ledger.close", "/ledger/close", "POST"),
    ("ledger.statistics", "/ledger/statistics", "GET"),
    ("ledger.statistics_export", "/ledger/statistics.{format:xlsx|pdf}", "GET"),
    ("ledger.effects", "/ledger/effects", "GET"),
    ("ledger.effects_export", "/ledger/effects.{format:xlsx|pdf}", "GET"),
    ("ledger.effect_sheet", "/ledger/effects/{effect_id}.pdf", "GET"),
    ("effects.answer", "/effects/{effect_id}", None),
    ("effects.decline", "/effects/{effect_id}/decline", "POST"),
)


def includeme(config: Any) -> None:
    """Routes and services."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.borrowing.ledger.effects import EffectService
    from archive.borrowing.ledger.register import Register

    def register(_context: object, request: Any) -> Register:
        return Register(request.db, request.clock, request.actor, request.parts.settings.zone)

    def effects(_context: object, request: Any) -> EffectService:
        return EffectService(request.db, request.clock, request.actor)

    for name, pattern, method in _ROUTES:
        config.add_route(name, pattern, **({"request_method": method} if method else {}))
    config.register_service_factory(register, iface=Register)
    config.register_service_factory(effects, iface=EffectService)
    config.scan(".views")
