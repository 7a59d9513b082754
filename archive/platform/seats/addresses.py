"""Where a request really comes from. Pure: what a proxy says counts only if the proxy is one of ours."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

__all__ = ["Address", "Network", "address_behind", "networks", "overlap", "parsed", "within"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def parsed(text: str) -> Address | None:
    """An address; an IPv4 one that came in the clothes of IPv6 is itself again. None for what is no address."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by commas or blanks. Raises ValueError."""
    return tuple(ip_network(part) for part in text.replace(",", " ").split())


def within(address: Address, known: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks."""
    return any(address in network for network in known)


def overlap(one: Network, other: Network) -> bool:
    """Whether two networks have an address in common."""
    return one.version == other.version and one.overlaps(other)


def address_behind(peer: str | None, forwarded: str, proxies: tuple[Network, ...]) -> str | None:
    """The address that asks. `peer`: the other end of the connection; `forwarded`: the header X-Forwarded-For.

    The header is read from the right, as long as the one who wrote each entry is a listed proxy; the first address
    that is none asks. An entry that is no address is believed by nobody: then the proxy that wrote it asks.
    """
    asking = parsed(peer or "")
    if asking is None:
        return peer or None
    for entry in reversed(forwarded.split(",") if forwarded else []):
        if not within(asking, proxies):
            break
        before = parsed(entry)
        if before is None:
            break
        asking = before
    return str(asking)
