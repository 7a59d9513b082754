"""Where a request comes from: a proxy that is not listed is never believed, and a listed one only for itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.platform.seats.addresses import address_behind, networks

PROXIES = networks("10.0.0.5, 10.9.0.0/24")
addresses = st.ip_addresses().map(str)
headers = st.text(max_size=80) | st.lists(addresses, max_size=4).map(", ".join)


@given(addresses, headers)
def test_nobody_is_believed_where_no_proxy_is_listed(peer: str, header: str) -> None:
    """Whatever a header says, the other end of the connection asks."""
    assert address_behind(peer, header, ()) == address_behind(peer, "", ())


@given(headers, addresses)
def test_what_stands_left_of_an_unlisted_address_means_nothing(forged: str, real: str) -> None:
    """A client may write what it likes; the proxy appends the address it saw, and that one asks."""
    asking = address_behind("10.0.0.5", f"{forged}, {real}", PROXIES)
    if address_behind(real, "", ()) != "10.0.0.5" and not real.startswith("10.9.0."):
        assert asking == address_behind(real, "", ())


@pytest.mark.parametrize(
    ("peer", "header", "asking"),
    [
        ("192.0.2.7", "10.1.2.11", "192.0.2.7"),
        ("10.0.0.5", "10.1.2.11", "10.1.2.11"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "10.1.2.11, 10.9.0.3", "10.1.2.11"),
        ("10.0.0.5", "10.1.2.11, 192.0.2.7, 10.9.0.3", "192.0.2.7"),
        ("10.0.0.5", "10.1.2.11, somewhere", "10.0.0.5"),
        ("10.0.0.5", "10.1.2.11:5000", "10.0.0.5"),
        ("::ffff:10.0.0.5", "::ffff:10.1.2.11", "10.1.2.11"),
        ("localhost", "10.1.2.11", "localhost"),
        (None, "10.1.2.11", None),
    ],
)
def test_the_rightmost_hop_that_is_no_proxy_asks(peer: str | None, header: str, asking: str | None) -> None:
    """Listed proxies are passed one after the other; what they could not write themselves is not read."""
    assert address_behind(peer, header, PROXIES) == asking
