"""Signing in with the password of the organisation's directory, a real slapd; what its groups give and take."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pyramid.router import Router
from sqlalchemy import select
from webtest import TestApp

from archive.app import make_app
from archive.cli.checks import diagnose
from archive.platform.accounts.directory import DirectoryAwayError, ask_directory
from archive.platform.accounts.identities import GroupRuleService
from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.sign_in_models import Source
from archive.platform.accounts.sources import DirectoryAddress
from archive.platform.actor import SYSTEM
from archive.platform.parts import open_parts
from archive.settings import Settings, SettingsError
from tests.factories.browsing import sign_in
from tests.factories.clock import SetClock
from tests.factories.small_archive import PASSWORD, SmallArchive
from tests.servers.process import free_port
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.servers

THERE = "凌华的密码 1"
_NOT_ARCHIVIST = (
    "dn: cn=archivists,ou=groups,{base}\nchangetype: modify\n{how}: member\nmember: uid=linghua,ou=people,{base}\n"
)


@dataclass(frozen=True, slots=True)
class Opened(SmallArchive):
    """An open archive and its web front end."""

    app: Router


Opener = Callable[..., Opened]


@pytest.fixture
def opened(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> Iterator[Opener]:
    """Opens the archive with a setting of `ldap`."""
    folder, made = pattern
    settings, clock = Settings.load(shutil.copytree(folder, tmp_path / "archive"), environment={}), SetClock()

    def open_with(url: str, secret: str = "") -> Opened:
        parts = open_parts(replace(settings, ldap=url, ldap_secret=secret), clock)
        entered = running.enter_context(parts)
        return Opened(entered, clock, made.people, made.items, make_app(entered))

    with ExitStack() as running:
        yield open_with


def test_the_first_sign_in_makes_an_account_and_groups_come_and_go(directory: Slapd, opened: Opener) -> None:
    """Name and unit are set; the role and the post of his group are his; an administrator's role is not given; when he
    leaves the group both go at the next sign-in, and what was given by hand stays."""
    small = opened(directory.safe_url, directory.secret)
    with small.parts.database.writing() as session:
        rules, accounts = GroupRuleService(session, small.clock, SYSTEM), AccountService(session, small.clock, SYSTEM)
        post = accounts.post_in(session.get_one(Person, small.people["archivist"]).unit, "档案管理岗")
        rules.add(Source.LDAP, "Archivists", role=Role.ARCHIVIST)
        rules.add(Source.LDAP, "cn=archivists,ou=groups,dc=example,dc=com", post=post)
        rules.add(Source.LDAP, "security", role=Role.SECURITY_ADMINISTRATOR)
        rules.add(Source.OIDC, "archivists", role=Role.LEADER)
    assert enter(small, "linghua", THERE).status_int == 303
    assert facts(small) == ("凌华", "GCB", {Role.ARCHIVIST}, "档案管理岗")
    with small.parts.database.writing() as session:
        person = named(session)
        person.holdings.append(RoleHolding(role=Role.READER))
    directory.change(_NOT_ARCHIVIST.replace("{how}", "delete") + "-\nadd: member\nmember: cn=reader,{base}\n")
    try:
        assert enter(small, "linghua", THERE).status_int == 303
        assert facts(small) == ("凌华", "GCB", {Role.READER}, "")
    finally:
        directory.change(_NOT_ARCHIVIST.replace("{how}", "add"))


def test_wrong_unknown_and_crafted_logins_are_refused_alike(directory: Slapd, opened: Opener) -> None:
    """A filter typed as login finds nobody, an empty password lets nobody in, and all read the same."""
    small = opened(directory.url, directory.secret)
    tries = [
        ("linghua", "x"),
        ("nobody", THERE),
        ("*", THERE),
        ("linghua)(cn=*", THERE),
        ("linghua", ""),
        ("a\0b", "x"),
    ]
    answers = [enter(small, login, password) for login, password in tries]
    assert {answer.status_int for answer in answers} == {422}
    assert all("登录名或密码不正确" in answer.text for answer in answers)
    with small.parts.database.reading() as session:
        assert person_by_login(session, "linghua") is None


def test_accounts_of_our_own_are_not_taken_over(directory: Slapd, opened: Opener) -> None:
    """An account with a password here takes that one only; an administrator's account waits for nobody there."""
    small = opened(directory.url, directory.secret)
    assert enter(small, "engineer", "engineer in the directory").status_int == 422
    assert enter(small, "engineer", PASSWORD).status_int == 303
    with small.parts.database.writing() as session:
        admin = session.get_one(Person, small.people["auditadmin"])
        admin.login = "linghua"
        AccountService(session, small.clock, SYSTEM).reopen(_closed(admin))
    assert enter(small, "linghua", THERE).status_int == 422


def _closed(person: Person) -> Person:
    person.active = False
    return person


def test_an_account_without_password_waits_for_its_entry(directory: Slapd, opened: Opener) -> None:
    """What the system administrator prepared is linked at the first sign-in, and stays linked by what never changes."""
    small = opened(directory.url, directory.secret)
    with small.parts.database.writing() as session:
        unit = session.get_one(Person, small.people["accountant"]).unit
        AccountService(session, small.clock, SYSTEM).create_person("linghua", "凌华本人", unit, [Role.READER])
    assert enter(small, "linghua", THERE).status_int == 303
    assert facts(small)[:3] == ("凌华本人", "CWB", {Role.READER})


def test_while_the_directory_is_away_local_passwords_open(opened: Opener) -> None:
    """The others are told why, and that it is not their password."""
    small = opened(f"ldap://127.0.0.1:{free_port()}/dc=example,dc=com?starttls=no")
    away = enter(small, "linghua", THERE)
    assert (away.status_int, "统一目录服务暂时没有应答" in away.text) == (503, True)
    assert enter(small, "engineer", PASSWORD).status_int == 303


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(directory: Slapd) -> None:
    """Neither our secret nor a person's password goes to a server that cannot prove who it is; nor without TLS, unless
    the setting says that the way is safe."""
    for url in (directory.safe_url.partition("&ca=")[0], directory.url.replace("&starttls=no", "")):
        with pytest.raises(DirectoryAwayError):
            ask_directory(DirectoryAddress.of(url), directory.secret, "linghua", THERE)


def test_the_doctor_says_what_is_wrong_with_the_directory(directory: Slapd, opened: Opener) -> None:
    """He says that it answers, or which of our settings it refuses."""
    checked = {}
    for secret in (directory.secret, "wrong"):
        settings = opened(directory.safe_url, secret).parts.settings
        checked[secret] = next(one for one in diagnose(settings) if one.part == "sign-in")
    assert (checked[directory.secret].ok, checked["wrong"].ok) == (True, False)
    assert "refuses cn=reader" in checked["wrong"].says


def test_administrators_roles_are_given_by_groups_only_where_that_is_set(directory: Slapd, opened: Opener) -> None:
    """The page refuses such a line, says why, and takes it once the setting allows it; then it is held alone."""
    small = opened(directory.url, directory.secret)
    assert add_rule(small, "role:security_administrator").status_int == 422
    allowed = opened(directory.url + "&administrators=yes", directory.secret)
    assert add_rule(allowed, "role:security_administrator").status_int == 303
    assert enter(allowed, "linghua", THERE).status_int == 303
    assert facts(allowed)[2] == {Role.SECURITY_ADMINISTRATOR}
    assert add_rule(allowed, "role:archivist").status_int == 303
    assert enter(allowed, "linghua", THERE).status_int == 303
    assert facts(allowed)[2] == {Role.SECURITY_ADMINISTRATOR}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LDAP", "ldap.example.com"),
        ("LDAP", "ldaps://ldap.example.com"),
        ("LDAP", "ldaps://ldap.example.com/dc=example?bnd=cn=reader"),
        ("OIDC", "http://issuer.example.com?client=danggui"),
        ("OIDC", "https://issuer.example.com"),
        ("OIDC_SECRET", "file:///nowhere/secret"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_at_the_start(name: str, value: str, tmp_path: Path) -> None:
    """One sentence names it, and says what to write; the secret stands nowhere."""
    with pytest.raises(SettingsError, match=f"DANGGUI_{name}.*write"):
        Settings.load(tmp_path, environment={f"DANGGUI_{name}": value})
    assert "hidden" not in repr(Settings.load(tmp_path, environment={"DANGGUI_LDAP_SECRET": "hidden"}))


def enter(small: Opened, login: str, password: str) -> Any:
    """The answer to a sign-in."""
    return sign_in(TestApp(small.app), login, password)


def add_rule(small: Opened, gives: str) -> Any:
    """The security administrator adds a line for the group of security people."""
    admin = TestApp(small.app)
    sign_in(admin, "secadmin")
    page = admin.get("/rights/groups")
    form = next(form for _key, form in sorted(page.forms.items(), key=str) if "gives" in form.fields)
    form["source"], form["group"], form["gives"] = "ldap", "security", gives
    return form.submit(expect_errors=True)


def named(session: Any) -> Person:
    """The account of the one from the directory."""
    return session.scalars(select(Person).where(Person.login == "linghua")).one()  # type: ignore[no-any-return]


def facts(small: SmallArchive) -> tuple[str, str, set[Role], str]:
    """Name, unit, roles and posts of that account."""
    with small.parts.database.reading() as session:
        person = named(session)
        return person.name, person.unit.code, set(person.roles), person.post
