"""Notices: in the system, by e-mail through a real server, and to a webhook."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.cli.checks import CHECKS
from archive.platform.accounts.models import Language, Person, Role
from archive.platform.actor import SYSTEM
from archive.platform.approval.service import ApprovalService
from archive.platform.approval.workflow import StepSpec, Verdict
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.notifications import mail
from archive.platform.notifications.kinds import ALWAYS, LABELS, SAID, WORDS, NoticeKind
from archive.platform.notifications.mail import send_mail
from archive.platform.notifications.models import Notice, NoticeChoice, Outgoing, Way
from archive.platform.notifications.outbox import delete_old_notices, given_up_messages, hand_on
from archive.platform.notifications.service import mark_done, notify
from archive.platform.parts import Parts
from archive.platform.translations import say
from tests.factories.browsing import form_to
from tests.factories.certificates import server_certificate
from tests.factories.small_archive import SmallArchive
from tests.servers.process import free_port
from tests.servers.smtp import MailBox, smtp_server

_NASTY = "沈鉴\r\nBcc: thief@example.com"


@pytest.fixture
def box() -> Iterator[MailBox]:
    """A mail server."""
    with smtp_server() as server:
        yield server


def _sending(small: SmallArchive, port: int) -> Parts:
    """The parts of an archive whose mail goes to a port of this machine."""
    url = f"smtp://127.0.0.1:{port}?from=archive@example.com&tls=none"
    return replace(small.parts, settings=replace(small.parts.settings, mail=url, url="https://archive.example"))


def _tell(small: SmallArchive, *logins: str, kind: NoticeKind = NoticeKind.STEP_DUE, **facts: str) -> None:
    told = facts or {"number": "2021-0012-01", "applicant": "梁工"}
    with small.parts.database.writing() as session:
        people = [small.people[login] for login in logins]
        for person_id in people:
            person = session.get_one(Person, person_id)
            person.email = person.email or f"{person.login}@example.com"
        notify(session, small.clock, people, kind, "/inbox/cases/1", **told)


def _waiting(parts: Parts) -> list[Outgoing]:
    with parts.database.reading() as session:
        return list(session.scalars(select(Outgoing).order_by(Outgoing.id)))


def test_every_kind_has_its_words() -> None:
    """Each kind says something, and has a name where people choose how they are told of it."""
    assert set(WORDS) == set(LABELS) == set(NoticeKind)
    assert set(NoticeKind) >= ALWAYS
    assert {"outcome"} <= SAID


def test_read_open_and_read_all(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """Unread ones stand first and are counted in the bar; opening one leads where it is seen to and marks it read."""
    _tell(small, "director")
    small.clock.pass_time(timedelta(minutes=1))
    _tell(small, "director", kind=NoticeKind.CASE_CLOSED, number="2021-0013-01", outcome="已批准")
    director = browser("director")
    page = director.get("/notices")
    assert '<span class="count">2</span>' in page
    assert page.text.index("2021-0013-01 已办结：已批准") < page.text.index("梁工 的申请 2021-0012-01 等您审批")
    first = next(form for form in page.forms.values() if form.action.count("/notices/") and "mail" not in form.action)
    assert first.submit().location.endswith("/inbox/cases/1")
    page = director.get("/notices")
    assert page.text.index("等您审批。") < page.text.index("已办结：")
    form_to(page, "/notices").submit()
    assert '<span class="count">' not in director.get("/notices")


def test_nobody_reads_anothers_notices(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """A notice of somebody else is not there."""
    _tell(small, "director")
    with small.parts.database.reading() as session:
        notice = session.scalars(select(Notice)).one()
    engineer = browser("engineer")
    assert "2021-0012-01" not in engineer.get("/notices")
    token = form_to(engineer.get("/notices"), "/sign-out")["csrf_token"].value
    engineer.post(f"/notices/{notice.id}", {"csrf_token": token}, status=404)


def test_what_is_done_says_so(small: SmallArchive, box: MailBox, browser: Callable[..., TestApp]) -> None:
    """Once the act is done the notice says that nothing is left to do, and no mail asks for it any more."""
    parts = _sending(small, box.port)
    _tell(small, "director")
    hand_on(parts)
    with parts.database.writing() as session:
        mark_done(session, small.clock, "/inbox/cases/1", NoticeKind.STEP_DUE)
    send_mail(parts)
    assert (box.mails, _waiting(parts)) == ([], [])
    assert "已处理，无须再办" in browser("director").get("/notices")


def test_a_decision_settles_what_others_were_asked(small: SmallArchive) -> None:
    """Once somebody has decided, nobody's notice asks for that decision any more; the next step's does."""
    with small.parts.database.writing() as session:
        people = {login: session.get_one(Person, small.people[login]) for login in ("engineer", "archivist")}
        approval = ApprovalService(session, small.clock, SYSTEM)
        specs = [StepSpec(Role.ARCHIVIST), StepSpec(Role.OFFICE_DIRECTOR)]
        case = approval.open("request_line", "1", people["engineer"], specs, label="2021-0001-01")
        approval.decide(case.steps[0].id, people["archivist"], Verdict.APPROVE)
    with small.parts.database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == NoticeKind.STEP_DUE)).all()
    done = {notice.person_id: notice.done_at is not None for notice in told}
    assert (done[small.people["archivist"]], done[small.people["director"]]) == (True, False)


def test_the_doctor_tells_what_was_given_up(small: SmallArchive, box: MailBox) -> None:
    """What could not be sent is a line of the doctor, with the last reason and what to do."""
    parts = _sending(small, box.port)
    check, _mend = CHECKS["notices"]
    assert check(small.parts.settings).ok
    _tell(small, "director")
    box.recipient = "550 no such user"
    hand_on(parts)
    assert "1 messages wait" in check(parts.settings).says
    send_mail(parts)
    found = check(parts.settings)
    assert (found.ok, "the last: 550 no such user" in found.says, "DANGGUI_MAIL" in found.mend) == (False, True, True)


def test_the_keeper_deletes_them_after_a_year(small: SmallArchive) -> None:
    """A notice is there for a year."""
    _tell(small, "director")
    small.clock.pass_time(timedelta(days=364))
    assert delete_old_notices(small.parts) == 0
    small.clock.pass_time(timedelta(days=2))
    assert delete_old_notices(small.parts) == 1


@pytest.mark.parametrize("language", Language)
def test_mail_in_the_readers_language(small: SmallArchive, box: MailBox, language: Language) -> None:
    """A mail has numbers and a link, as plain text and as HTML, in the language of whoever is told."""
    parts = _sending(small, box.port)
    with parts.database.writing() as session:
        session.get_one(Person, small.people["director"]).language = language
    _tell(small, "director")
    assert (hand_on(parts), send_mail(parts)) == (1, 1)
    (mail,) = box.mails
    said = say(language, WORDS[NoticeKind.STEP_DUE], applicant="梁工", number="2021-0012-01")
    assert mail["Subject"] == f"[{say(language, '档归')}] {said}"
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == (
        "director@example.com",
        "archive@example.com",
        "auto-generated",
    )
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "https://archive.example/inbox/cases/1" in part.get_content()
    assert _waiting(parts) == []
    assert (hand_on(parts), send_mail(parts), len(box.mails)) == (0, 0, 1)


def test_no_header_can_be_injected(small: SmallArchive, box: MailBox) -> None:
    """A name with line breaks stays a name: it adds no header, no recipient, and no markup."""
    parts = _sending(small, box.port)
    with parts.database.writing() as session:
        session.get_one(Person, small.people["director"]).name = _NASTY
    _tell(small, "director", number="2021-1\n\nX: y", applicant=f"<script>alert(1)</script>{_NASTY}")
    hand_on(parts)
    send_mail(parts)
    (mail,) = box.mails
    assert (mail["Bcc"], mail["X"]) == (None, None)
    assert mail["Subject"].startswith("[档归] <script>alert(1)</script>沈鉴 Bcc: thief@example.com 的申请")
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()


@pytest.mark.parametrize("entered", ["a@b.cn\nBcc: x@y.cn", "a@b.cn, x@y.cn", "no address", "a@b", "<a@b.cn>"])
def test_only_one_plain_address_is_taken(small: SmallArchive, browser: Callable[..., TestApp], entered: str) -> None:
    """What is no single address is refused with words, and nothing is kept."""
    director = browser("director")
    token = form_to(director.get("/notices/mail"), "/notices/mail")["csrf_token"].value
    answer = director.post("/notices/mail", {"csrf_token": token, "email": entered}, status=422)
    assert "请填写有效的电子邮箱" in answer
    with small.parts.database.reading() as session:
        assert session.get_one(Person, small.people["director"]).email == ""


def test_the_administrator_enters_an_address(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """The system administrator keeps the address with the rest of the account; the trail says that it changed."""
    person_id = small.people["director"]
    form = form_to(browser("sysadmin").get(f"/people/{person_id}"), f"/people/{person_id}")
    form["email"] = "director at example.com"
    assert "请填写有效的电子邮箱" in form.submit(status=422)
    form["email"] = " director@example.com "
    form.submit()
    with small.parts.database.reading() as session:
        assert session.get_one(Person, person_id).email == "director@example.com"
        changed = select(AuditEntry.details).where(AuditEntry.action == AuditAction.PERSON_CHANGED.value)
        assert session.scalars(changed).one() == {"changed": ["email"]}


def test_own_choice(small: SmallArchive, box: MailBox, browser: Callable[..., TestApp]) -> None:
    """Each kind comes at once, once a day together, or not; alarms cannot be switched off."""
    form = form_to(browser("director").get("/notices/mail"), "/notices/mail")
    form["email"], form["step_due"], form["case_closed"] = "director@example.com", "digest", "not"
    assert [value for value, *_ in form["step_reminded"].options] == ["at_once", "digest"]
    form.submit().follow()
    parts = _sending(small, box.port)
    for _time in range(2):
        _tell(small, "director")
    _tell(small, "director", kind=NoticeKind.CASE_CLOSED, number="2021-0013-01", outcome="已批准")
    hand_on(parts)
    assert send_mail(parts) == 0
    small.clock.pass_time(timedelta(days=1))
    _tell(small, "director")
    hand_on(parts)
    assert (send_mail(parts), len(box.mails)) == (1, 1)
    assert box.mails[0]["Subject"] == "[档归] 2 条消息"
    small.clock.pass_time(timedelta(days=1))
    assert (send_mail(parts), box.mails[1]["Subject"]) == (1, "[档归] 1 条消息")
    with parts.database.reading() as session:
        rows = session.scalars(select(NoticeChoice)).all()
    assert {row.kind: row.way for row in rows} == {NoticeKind.STEP_DUE: Way.DIGEST, NoticeKind.CASE_CLOSED: Way.NOT}


def test_an_alarm_is_not_switched_off_by_hand(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """What the form does not offer is refused all the same, and the address that came with it is not kept."""
    director = browser("director")
    sent = {"email": "d@example.com", "step_reminded": "not"}
    sent["csrf_token"] = form_to(director.get("/notices/mail"), "/notices/mail")["csrf_token"].value
    assert "这类消息不能关闭邮件" in director.post("/notices/mail", sent, status=422)
    with small.parts.database.reading() as session:
        assert session.get_one(Person, small.people["director"]).email == ""


def test_a_server_that_is_away_is_tried_again_for_a_day(small: SmallArchive) -> None:
    """It is tried again with growing pauses, and given up after a day, which the doctor tells."""
    parts = _sending(small, free_port())
    _tell(small, "director")
    hand_on(parts)
    pauses = []
    while (message := _waiting(parts)[0]).given_up_at is None:
        small.clock.now = max(small.clock.now, message.due_at)
        send_mail(parts)
        pauses.append(_waiting(parts)[0].due_at - small.clock.now)
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert (max(pauses), message.unclear) == (timedelta(hours=1), 0)
    with parts.database.reading() as session:
        number, why = given_up_messages(session)
    assert (number, "127.0.0.1" in why) == (1, True)
    small.clock.pass_time(timedelta(days=8))
    delete_old_notices(parts)
    assert _waiting(parts) == []


def test_a_refused_recipient_is_given_up_and_holds_up_nobody(small: SmallArchive, box: MailBox) -> None:
    """An address the server does not know is given up at once; the next mail goes its way."""
    parts = _sending(small, box.port)
    _tell(small, "director", "archivist")
    box.recipient = "550 no such user"
    hand_on(parts)
    assert send_mail(parts) == 2
    assert [message.error for message in _waiting(parts)] == ["550 no such user"] * 2
    assert all(message.given_up_at for message in _waiting(parts))
    box.recipient, box.text = "250 OK", "451 try later"
    _tell(small, "director")
    hand_on(parts)
    send_mail(parts)
    box.text = "250 OK"
    small.clock.pass_time(timedelta(minutes=1))
    send_mail(parts)
    assert len(box.mails) == 1


def test_a_server_that_falls_silent_gets_a_mail_twice_at_most(
    small: SmallArchive, box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether a mail that was not answered was taken: it is sent once more, by the same id, no more."""
    monkeypatch.setattr(mail, "_TIMEOUT", 0.1)
    parts, box.silence = _sending(small, box.port), 0.3
    _tell(small, "director")
    hand_on(parts)
    for _time in range(4):
        send_mail(parts)
        small.clock.pass_time(timedelta(hours=2))
    assert [message["Message-ID"] for message in box.mails] == [box.mails[0]["Message-ID"]] * 2
    assert _waiting(parts)[0].given_up_at


def test_killed_between_sending_and_marking(small: SmallArchive, box: MailBox) -> None:
    """Killed there again and again, a mail is received twice, with one Message-ID, and then given up."""
    parts = _sending(small, box.port)
    _tell(small, "director")
    hand_on(parts)
    code = (
        "import sys; from pathlib import Path; from archive.settings import Settings;"
        "from archive.platform.parts import open_parts; from archive.platform.notifications.mail import send_mail\n"
        "settings = Settings.load(environment={'DANGGUI_FOLDER': sys.argv[1], 'DANGGUI_MAIL': sys.argv[2]})\n"
        "from datetime import UTC, datetime\n"
        "with open_parts(settings, lambda: datetime(2021, 3, 5, 3, tzinfo=UTC)) as parts: send_mail(parts)"
    )
    command = [sys.executable, "-c", code, str(small.parts.settings.folder), parts.settings.mail]
    environment = {**os.environ, "DANGGUI_FAULT": "notices.sent"}
    ended = [subprocess.run(command, env=environment, check=False).returncode for _time in range(3)]
    assert ended == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert len({message["Message-ID"] for message in box.mails}) == 1
    assert len(box.mails) == 2
    assert _waiting(parts)[0].error == "broken off twice while it was sent"


def test_with_starttls_and_password(small: SmallArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way is encrypted before the password goes; a server nobody vouches for gets neither."""
    chain, key = server_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    secret = tmp_path / "password"
    secret.write_text("mail password\n")
    with smtp_server(context, login=True) as box:
        url = f"smtp://danggui@localhost:{box.port}?from=archive@example.com"
        settings = replace(small.parts.settings, mail=url, mail_password=f"file://{secret}")
        parts = replace(small.parts, settings=settings)
        _tell(small, "director")
        hand_on(parts)
        send_mail(parts)
        assert "certificate" in _waiting(parts)[0].error
        assert box.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(chain))
        small.clock.pass_time(timedelta(minutes=2))
        send_mail(parts)
        assert len(box.mails) == 1
