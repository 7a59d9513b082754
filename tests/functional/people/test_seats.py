"""The reading room: what is approved for it opens at its seats only, whatever a request says of where it comes from."""

import http.client
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from waitress import create_server
from webtest import TestApp

from archive.app import make_app
from archive.cli.checks import diagnose
from archive.cli.serve import PROXY_HEADERS
from archive.platform.audit.models import AuditEntry
from archive.platform.grants import Grant, GrantKind, Place
from archive.platform.seats.models import Seat
from tests.factories.browsing import form_to
from tests.factories.organisation import SEAT
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]

PROXY, STRANGER = "127.0.0.2", "127.0.0.9"


@dataclass
class Client:
    """Somebody at an address of this machine, over the wire; keeps cookies."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, *, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """Status and body of an answer; a header's name is written with `_` for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, source_address=(self.address, 0), timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(form) if form else None
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST" if form else "GET", path, body, sent)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        said = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, said

    def sign_in(self, login: str, **headers: str) -> None:
        """Through the form."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("/sign-in")[1])
        assert token
        form = {"csrf_token": token[1], "login": login, "password": PASSWORD}
        assert self.ask("/sign-in", form=form, **headers)[0] == 303


@contextmanager
def served(small: SmallArchive, proxies: str) -> Iterator[int]:
    """The archive behind the server it is served with, and these proxies listed; gives the port."""
    parts = replace(small.parts, settings=replace(small.parts.settings, proxies=proxies))
    server = create_server(make_app(parts), listen="127.0.0.1:0", **PROXY_HEADERS)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        while server.active_channels:  # each is closed by its client, and the server notices after a moment
            time.sleep(0.01)
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(timeout=10)


def test_no_header_of_an_unlisted_proxy_makes_a_seat(small: SmallArchive) -> None:
    """At the seat a page opens; from elsewhere it does not, whatever the headers say, and the trail has the address."""
    small.grant("engineer", "accounts")
    address = f"/items/{small.items['accounts']}/pages/1/text"
    lies: tuple[dict[str, Any], ...] = (
        {"X_Forwarded_For": SEAT},
        {"X_Forwarded_For": f"{SEAT}, {SEAT}"},
        {"X_Real_IP": SEAT},
        {"Forwarded": f"for={SEAT}"},
        {"Client_IP": SEAT, "True_Client_IP": SEAT},
    )
    with served(small, proxies="") as port:
        sitting, stranger = Client(port, SEAT), Client(port, STRANGER)
        sitting.sign_in("engineer")
        stranger.sign_in("engineer", X_Forwarded_For=SEAT)
        assert sitting.ask(address)[0] == 200
        assert sitting.ask(address, X_Forwarded_For=STRANGER)[0] == 200
        for lie in ({}, *lies):
            status, said = stranger.ask(address, **lie)
            assert status == 403, lie
            assert "请到阅览室" in said
    with small.parts.database.reading() as session:
        signed_in = select(AuditEntry.address).where(AuditEntry.action == "accounts:session:opened")
        assert set(session.scalars(signed_in)) == {SEAT, STRANGER}


def test_a_listed_proxy_is_believed_for_the_last_hop_only(small: SmallArchive) -> None:
    """It says for whom it asks; what the client wrote before that counts for nothing; the proxy itself is no seat."""
    small.grant("engineer", "accounts")
    address = f"/items/{small.items['accounts']}/pages/1/text"
    with small.parts.database.writing() as session:
        session.add(Seat(name="代理也登记了", address=PROXY, created_at=small.clock()))
    with served(small, proxies=f"{PROXY}, 10.0.0.0/24") as port:
        proxy = Client(port, PROXY)
        proxy.sign_in("engineer", X_Forwarded_For=SEAT)
        assert proxy.ask(address, X_Forwarded_For=SEAT)[0] == 200
        assert proxy.ask(address, X_Forwarded_For=f"{SEAT}, 10.0.0.7")[0] == 200
        for said in ("192.0.2.7", f"{SEAT}, 192.0.2.7", f"{SEAT}, nobody", ""):
            assert proxy.ask(address, X_Forwarded_For=said)[0] == 403, said
        assert proxy.ask(address)[0] == 403


def test_a_grant_for_anywhere_opens_elsewhere_and_a_visitors_does_not(small: SmallArchive, browser: Browser) -> None:
    """Place is what the grant says, but a visitor reads at a seat, whatever stands in it."""
    first, second = small.grant("engineer", "accounts"), small.grant("engineer", "lathe", "2021-0013-01")
    with small.parts.database.writing() as session:
        for grant_id in (first, second):
            session.get_one(Grant, grant_id).place = Place.ANYWHERE
        session.get_one(Grant, second).kind = GrantKind.VISITOR
    reader = browser("engineer")
    reader.extra_environ["REMOTE_ADDR"] = STRANGER
    assert reader.get(f"/items/{small.items['accounts']}/pages/1/text").status_int == 200
    assert reader.get(f"/items/{small.items['lathe']}/pages/1/text", status=403)
    reader.extra_environ["REMOTE_ADDR"] = SEAT
    assert reader.get(f"/items/{small.items['lathe']}/pages/1/text").status_int == 200


def test_the_security_administrator_registers_and_closes_seats(small: SmallArchive, browser: Browser) -> None:
    """A network is a seat like an address; who reads there is shown; closing it closes the page that was open."""
    small.grant("engineer", "accounts")
    keeper, reader = browser("secadmin"), browser("engineer")
    reader.extra_environ["REMOTE_ADDR"] = "10.1.2.11"
    address = f"/items/{small.items['accounts']}/pages/1/text"
    assert reader.get(address, status=403)
    register(keeper, "阅览室 <2> 号机", "10.1.2.0/28").follow()
    assert reader.get(address).status_int == 200
    page = keeper.get("/seats")
    assert "阅览室 &lt;2&gt; 号机" in page
    assert "李工" in page
    close = [form for form in page.forms.values() if form.action.endswith("/close")]
    assert close[0].submit().status_int == 303
    assert close[1].submit().status_int == 303
    assert close[1].submit(status=409)
    assert reader.get(address, status=403)
    assert browser("engineer").get(address, status=403)


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        ("", "10.1.2.3", "座位名称"),
        ("一" * 101, "10.1.2.3", "100"),
        ("二号机", "阅览室", "10.1.2.11"),
        ("二号机", "10.1.2.3/28", "10.1.2.0/28"),
        ("二号机", "10.0.0.0/8", "/24"),
        ("二号机", "0.0.0.0/0", "/24"),
        ("二号机", SEAT, "阅览室 1 号机"),
    ],
)
def test_what_is_no_seat_is_refused_beside_its_field(browser: Browser, name: str, address: str, said: str) -> None:
    """The message says what to write; what was typed stays."""
    answer = register(browser("secadmin"), name, address)
    assert answer.status_int == 422
    assert said in answer.text
    assert form_to(answer, "/seats")["address"].value == address


def test_reading_elsewhere_is_off_and_ends_for_those_who_had_it(small: SmallArchive, browser: Browser) -> None:
    """The rule is off as shipped; ending it binds approved grants to the room at once, not a leader's nor a task's."""
    kinds = {"accounts": GrantKind.APPROVED, "lathe": GrantKind.LEADER}
    ids = {item: small.grant("engineer", item, f"2021-0020-0{n}") for n, item in enumerate(kinds)}
    keeper, reader = browser("secadmin"), browser("engineer")
    assert "不允许" in keeper.get("/seats")
    assert change_rule(keeper, "").status_int == 422
    assert "允许" in change_rule(keeper, "公司规定第三条").follow()
    with small.parts.database.writing() as session:
        for item, kind in kinds.items():
            grant = session.get_one(Grant, ids[item])
            grant.kind, grant.place, grant.ends_at = kind, Place.ANYWHERE, small.clock() + timedelta(hours=1)
    reader.extra_environ["REMOTE_ADDR"] = STRANGER
    texts = {item: f"/items/{small.items[item]}/pages/1/text" for item in kinds}
    assert [reader.get(text).status_int for text in texts.values()] == [200, 200]
    assert change_rule(keeper, "规定取消").status_int == 303
    assert reader.get(texts["accounts"], status=403)
    assert reader.get(texts["lathe"]).status_int == 200


def test_doctor_tells_of_the_reading_room(small: SmallArchive) -> None:
    """How many seats there are; that without one nothing opens; and that a seat cannot be a listed proxy."""

    def found(proxies: str = "") -> tuple[bool, str]:
        settings = replace(small.parts.settings, proxies=proxies)
        return next((one.ok, one.says) for one in diagnose(settings) if one.part == "reading room")

    assert found() == (True, "seats: 1")
    assert found("10.0.0.5, 127.0.0.0/30") == (False, "the seat 阅览室 1 号机 is a listed proxy")
    with small.parts.database.writing() as session:
        session.scalars(select(Seat)).one().closed_at = small.clock()
    assert found() == (True, "no seat is registered: what is approved for the room opens nowhere")


def register(keeper: TestApp, name: str, address: str) -> TestApp:
    """Fill in the form of a seat."""
    form = form_to(keeper.get("/seats"), "/seats")
    form["name"], form["address"] = name, address
    return form.submit(expect_errors=True)


def change_rule(keeper: TestApp, reason: str) -> TestApp:
    """Turn the rule about reading elsewhere."""
    form = form_to(keeper.get("/seats"), "/seats/rule")
    form["reason"] = reason
    return form.submit(expect_errors=True)
