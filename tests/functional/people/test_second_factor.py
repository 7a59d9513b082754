"""The second factor: bound on one's own page, asked for after the password, taken away by somebody else when lost."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import cv2
import numpy as np
import pyotp
import pytest
import zxingcpp
from click.testing import CliRunner, Result
from sqlalchemy import select
from webtest import TestApp

from archive.app import make_app
from archive.cli import main
from archive.platform.accounts.models import Person
from archive.platform.accounts.security import COOKIE
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.audit.models import AuditEntry
from archive.platform.parts import open_parts
from archive.settings import Settings
from tests.factories.browsing import form_to, sign_in
from tests.factories.clock import SetClock
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]
_PAGE = "/account/second-factor"


def test_the_code_is_asked_after_the_password_and_taken_once(browser: Browser, small: SmallArchive) -> None:
    """The QR code holds the secret; with it bound, the password alone opens nothing, and a code works once."""
    device, _codes = bind(browser("engineer"), small)
    visitor = browser()
    asked = sign_in(visitor, "engineer", at="/sign-in?next=/requests")
    assert asked.headers["Location"].endswith("/sign-in/code")
    assert COOKIE not in visitor.cookies
    assert visitor.get("/requests").status_int == 303
    small.clock.pass_time(timedelta(seconds=30))
    code = device.at(small.clock())
    entered = give(visitor, code)
    assert entered.headers["Location"].endswith("/requests")
    assert visitor.get("/requests").status_int == 200
    second = browser()
    sign_in(second, "engineer")
    assert give(second, code).status_int == 422
    small.clock.pass_time(timedelta(seconds=30))
    assert give(second, device.at(small.clock())).status_int == 303


def test_a_recovery_code_works_once(browser: Browser, small: SmallArchive) -> None:
    """Ten are shown, once; each opens the account without the device one time."""
    _device, codes = bind(browser("engineer"), small)
    assert len(set(codes)) == 10
    first, second = browser(), browser()
    sign_in(first, "engineer")
    assert give(first, codes[3].upper()).status_int == 303
    sign_in(second, "engineer")
    assert give(second, codes[3]).status_int == 422
    assert codes[3] not in first.get(_PAGE).text


def test_wrong_codes_are_counted_and_the_account_rests(browser: Browser, small: SmallArchive) -> None:
    """After the fifth wrong code even the right one is refused for a while, whichever browser it comes from; the right
    password in between resets nothing."""
    device, _codes = bind(browser("engineer"), small)
    small.clock.pass_time(timedelta(seconds=30))
    for _attempt in range(5):
        visitor = browser()
        sign_in(visitor, "engineer")
        assert give(visitor, "000000").status_int == 422
    visitor = browser()
    sign_in(visitor, "engineer")
    assert give(visitor, device.at(small.clock())).status_int == 422
    small.clock.pass_time(timedelta(minutes=2))
    assert give(visitor, device.at(small.clock())).status_int == 303


def test_a_new_password_ends_what_the_old_one_began(browser: Browser, small: SmallArchive) -> None:
    """Whoever stands between password and code when the password is changed gives the new one first."""
    device, _codes = bind(browser("engineer"), small)
    visitor = browser()
    sign_in(visitor, "engineer")
    with small.parts.database.writing() as session:
        engineer = session.get_one(Person, small.people["engineer"])
        AccountService(session, small.clock, SYSTEM).set_password(engineer, "quite another one")
    small.clock.pass_time(timedelta(seconds=30))
    assert give(visitor, device.at(small.clock())).headers["Location"].endswith("/sign-in")


def test_binding_asks_for_the_password_again(browser: Browser) -> None:
    """Whoever finds an open browser binds no device of his own."""
    opened = browser("engineer")
    form = form_to(opened.get(_PAGE), _PAGE)
    form["password"] = "wrong"
    answer = form.submit(expect_errors=True)
    assert answer.status_int == 422
    assert "密码不正确" in answer.text
    assert "<img" not in opened.get(_PAGE).text


def test_a_lost_device_is_taken_away_by_another(browser: Browser, small: SmallArchive) -> None:
    """The security administrator takes a factor from others, never his own; then the password is enough again."""
    bind(browser("engineer"), small)
    admin = browser("secadmin")
    bind(admin, small)
    his, own = (f"/rights/{small.people[login]}" for login in ("engineer", "secadmin"))
    assert form_to(admin.get(his), "/second-factor").submit().status_int == 303
    assert sign_in(browser(), "engineer").headers["Location"].endswith("/")
    token = admin.get(own).html.find("meta", {"name": "csrf-token"})["content"]
    assert admin.post(f"{own}/second-factor", {"csrf_token": token}, expect_errors=True).status_int == 403
    assert sign_in(browser(), "secadmin").headers["Location"].endswith("/sign-in/code")


def test_the_server_takes_it_away_from_the_only_administrator(browser: Browser, small: SmallArchive) -> None:
    """Nobody is locked out of his archive by a lost telephone; without a factor, or unknown, is said."""
    bind(browser("secadmin"), small)

    def run(login: str) -> Result:
        folder = str(small.parts.settings.folder)
        return CliRunner().invoke(main, ["--data", folder, "remove-second-factor", login])

    assert run("secadmin").exit_code == 0
    assert sign_in(browser(), "secadmin").headers["Location"].endswith("/")
    assert ["no second factor" in run("secadmin").output, "no person" in run("nobody").output] == [True, True]


def test_who_does_not_want_it_any_more_shows_a_code(browser: Browser, small: SmallArchive) -> None:
    """Without a code nobody removes it."""
    opened = browser("engineer")
    device, _codes = bind(opened, small)
    form = form_to(opened.get(_PAGE), _PAGE)
    form["code"] = "000000"
    assert form.submit(expect_errors=True).status_int == 422
    small.clock.pass_time(timedelta(seconds=30))
    form["code"] = device.at(small.clock())
    form.submit()
    assert sign_in(browser(), "engineer").headers["Location"].endswith("/")


def test_no_secret_and_no_code_stands_in_the_trail(browser: Browser, small: SmallArchive) -> None:
    """The audit says what was done, never with what."""
    device, codes = bind(browser("engineer"), small)
    with small.parts.database.reading() as session:
        trail = json.dumps([[one.action, one.subject_id, one.details] for one in session.scalars(select(AuditEntry))])
    assert "accounts:second_factor:set" in trail
    assert not [secret for secret in (device.secret, *codes) if secret in trail]


@pytest.fixture
def demanding(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> Iterator[SmallArchive]:
    """An archive in which administrators have to have a second factor."""
    folder, made = pattern
    settings = Settings.load(shutil.copytree(folder, tmp_path / "archive"), environment={})
    clock = SetClock()
    with open_parts(replace(settings, second_factor="administrators"), clock) as parts:
        yield SmallArchive(parts, clock, made.people, made.items)


def test_who_has_to_have_one_binds_it_first(demanding: SmallArchive) -> None:
    """An administrator comes to no page but that one, after having chosen a password; a reader is not asked."""
    app = make_app(demanding.parts)
    with demanding.parts.database.writing() as session:
        secadmin = session.get_one(Person, demanding.people["secadmin"])
        AccountService(session, demanding.clock, SYSTEM).set_password(secadmin, PASSWORD, temporary=True)
    admin, reader = TestApp(app), TestApp(app)
    sign_in(reader, "engineer")
    assert reader.get("/requests").status_int == 200
    sign_in(admin, "secadmin")
    assert admin.get("/rights").headers["Location"].endswith("/account/password")
    assert admin.get(_PAGE).headers["Location"].endswith("/account/password")
    form = form_to(admin.get("/account/password"), "/account/password")
    form["old"], form["password"], form["again"] = PASSWORD, "quite another one", "quite another one"
    form.submit()
    assert admin.get("/rights").headers["Location"].endswith(_PAGE)
    device, _codes = bind(admin, demanding, "quite another one")
    assert admin.get("/rights").status_int == 200
    demanding.clock.pass_time(timedelta(seconds=30))
    token = admin.get(_PAGE).html.find("meta", {"name": "csrf-token"})["content"]
    sent = {"csrf_token": token, "act": "remove", "code": device.at(demanding.clock())}
    assert admin.post(_PAGE, sent, expect_errors=True).status_int == 403


def bind(opened: TestApp, small: SmallArchive, password: str = PASSWORD) -> tuple[pyotp.TOTP, list[str]]:
    """Bind a device: what it makes codes with, as the picture says, and the recovery codes."""
    form = form_to(opened.get(_PAGE), _PAGE)
    form["password"] = password
    page = form.submit().follow()
    device = pyotp.TOTP(secret_of(page))
    form = form_to(page, _PAGE)
    form["code"] = device.at(small.clock())
    done = form.submit()
    return device, [item.text for item in done.html.select("ul.codes li")]


def secret_of(page: Any) -> str:
    """The secret that the picture holds, read as a telephone reads it."""
    drawing = unquote(page.html.find("img", {"class": "qr"})["src"].partition(",")[2])
    side = int(drawing.partition('viewBox="0 0 ')[2].partition(" ")[0])
    picture = np.full((side, side), 255, np.uint8)
    for piece in drawing.rpartition('<path d="')[2].partition('"')[0].split("M")[1:]:
        x, y = piece.partition("h")[0].split()
        picture[int(y), int(x)] = 0
    read = zxingcpp.read_barcode(cv2.resize(picture, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST))
    assert read is not None
    return parse_qs(urlsplit(read.text).query)["secret"][0]


def give(visitor: TestApp, code: str) -> Any:
    """Fill the form for the code."""
    form = form_to(visitor.get("/sign-in/code"), "/sign-in/code")
    form["code"] = code
    return form.submit(expect_errors=True)
