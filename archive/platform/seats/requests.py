"""`request.address`: who asks; `request.seat`: the seat of the reading room that asks, or None."""

from typing import Any

from archive.platform.seats.addresses import address_behind, networks, parsed, within
from archive.platform.seats.queries import seat_at

__all__ = ["address_of", "seat_of"]


def address_of(request: Any) -> str | None:
    """The address a request comes from, through the listed proxies only."""
    proxies = networks(request.parts.settings.proxies)
    return address_behind(request.environ.get("REMOTE_ADDR"), request.headers.get("X-Forwarded-For", ""), proxies)


def seat_of(request: Any) -> str | None:
    """The id of the registered seat that asks; None: it asks from elsewhere.

    A proxy is no seat, whatever was registered: what comes from it without a word for whom may come from anywhere.
    """
    asking = parsed(request.address or "")
    if asking is None or within(asking, networks(request.parts.settings.proxies)):
        return None
    return seat_at(request.db, request.address)
