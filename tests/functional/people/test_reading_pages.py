"""Requests, inbox and grants in a browser, from asking to the closed door."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from webtest import TestApp

from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive

Browser = Callable[..., TestApp]

TITLE = "2020年度财务决算工作总结"
WORDS = "营业收入同比增长"


def ask(reader: TestApp, item_id: str, purpose: str = "核对<b>年度</b>数据") -> Any:
    """Fill the request form as it is proposed, with a purpose, and follow."""
    form = form_to(reader.get("/requests/new", {"item": item_id}), "/requests/new")
    form["purpose"] = purpose
    return form.submit().follow()


def decide(approver: TestApp, verdict: str, comment: str = "") -> Any:
    """Decide the first line of the inbox."""
    form = form_to(approver.get("/inbox"), next_decision(approver))
    form["comment"] = comment
    return form.submit("verdict", value=verdict, expect_errors=True)


def next_decision(approver: TestApp) -> str:
    """The address of the first decision in the inbox."""
    forms = approver.get("/inbox").forms.values()
    return str(next(form.action for form in forms if "/inbox/steps/" in form.action))


def text_of(browser: TestApp, item_id: str) -> Any:
    """The answer to asking for the words of the first page."""
    return browser.get(f"/items/{item_id}/pages/1/text", expect_errors=True)


def test_from_asking_to_the_closed_door(browser: Browser, small: SmallArchive) -> None:
    """A reader asks, the owning head and an archivist approve in their inboxes, he reads, and it closes by itself."""
    item_id, reader = small.items["accounts"], browser("engineer")
    assert text_of(reader, item_id).status_int == 403
    request_page = ask(reader, item_id)
    assert TITLE in request_page.text
    assert "审批中" in request_page.text
    assert "核对&lt;b&gt;年度" in request_page.text

    head, archivist = browser("finance_head"), browser("archivist")
    assert "目前没有" in archivist.get("/inbox").text
    waiting = head.get("/inbox")
    for shown in (TITLE, "李工", "核对&lt;b&gt;年度", "有 1 项等您审批"):
        assert shown in waiting.text
    after = decide(head, "approve", "同意核对").follow()
    assert "目前没有" in after.text
    assert "同意核对" in head.get("/inbox/decided").text
    assert text_of(reader, item_id).status_int == 403
    decide(archivist, "approve")

    assert WORDS in "".join(text_of(reader, item_id).json["lines"])
    shown = reader.get(request_page.request.path)
    assert "在阅" in shown.text
    assert "同意核对" in shown.text
    small.clock.pass_time(timedelta(days=4))
    reader = browser("engineer")
    assert text_of(reader, item_id).status_int == 403
    assert "已到期" in reader.get("/requests").text


def test_a_refusal_without_a_reason_is_asked_for_it(browser: Browser, small: SmallArchive) -> None:
    """The error stands at the line; with a reason the refusal is done and the reader sees why."""
    reader, head = browser("engineer"), browser("finance_head")
    page = ask(reader, small.items["accounts"])
    refused = decide(head, "refuse")
    assert refused.status_int == 422
    assert "请写明理由" in refused.text
    assert decide(head, "refuse", "与工作无关").status_int == 303
    shown = reader.get(page.request.path)
    assert "未获批准" in shown.text
    assert "与工作无关" in shown.text


def test_errors_stand_beside_their_field_and_nothing_is_lost(browser: Browser, small: SmallArchive) -> None:
    """A wrong time keeps the purpose that was typed and says at the field what is wrong."""
    form = form_to(browser("engineer").get("/requests/new", {"item": small.items["accounts"]}), "/requests/new")
    form["purpose"], form["ends_at"] = "核对数据", "not a time"
    answer = form.submit(expect_errors=True)
    assert answer.status_int == 422
    assert answer.html.find(id="ends_at-error") is not None
    assert form_to(answer, "/requests/new")["purpose"].value == "核对数据"


def test_times_are_entered_in_the_organisations_zone(browser: Browser, small: SmallArchive) -> None:
    """02:00 UTC is proposed as 10:00 in Shanghai."""
    form = form_to(browser("engineer").get("/requests/new", {"item": small.items["accounts"]}), "/requests/new")
    assert (form["starts_at"].value, form["ends_at"].value) == ("2021-03-05T10:00", "2021-03-08T18:00")


def test_withdrawing_takes_it_out_of_the_inbox(browser: Browser, small: SmallArchive) -> None:
    """What the reader took back waits for nobody."""
    reader, head = browser("engineer"), browser("finance_head")
    page = ask(reader, small.items["accounts"])
    decision = next_decision(head)
    form_to(page, "/withdraw").submit()
    assert "已撤回" in reader.get(page.request.path).text
    inbox = head.get("/inbox")
    assert "目前没有" in inbox.text
    token = form_to(inbox, "/sign-out")["csrf_token"].value
    late = head.post(decision, {"csrf_token": token, "verdict": "approve", "comment": ""}, expect_errors=True)
    assert late.status_int == 409


def test_revoking_closes_on_the_next_request(browser: Browser, small: SmallArchive) -> None:
    """The archivist ends a running grant from the list; the same address is refused a moment later."""
    small.grant("engineer", "accounts")
    reader, archivist = browser("engineer"), browser("archivist")
    assert text_of(reader, small.items["accounts"]).status_int == 200
    grants = archivist.get("/grants")
    assert "2021-0012-01" in grants.text
    form_to(grants, "/revoke").submit()
    assert text_of(reader, small.items["accounts"]).status_int == 403
    assert "2021-0012-01" not in archivist.get("/grants").text


def test_an_archivist_names_his_task_first(browser: Browser, small: SmallArchive) -> None:
    """Without a task another department's pages stay closed to an archivist; with one they open for two hours."""
    item_id, archivist = small.items["accounts"], browser("archivist")
    assert text_of(archivist, item_id).status_int == 403
    form = form_to(archivist.get("/grants/task", {"item": item_id}), "/grants/task")
    assert form.submit(expect_errors=True).status_int == 422
    form["task"] = "著录核对"
    assert TITLE in form.submit().follow().text
    assert text_of(archivist, item_id).status_int == 200
    small.clock.pass_time(timedelta(hours=2))
    assert text_of(archivist, item_id).status_int == 403


def test_requests_are_nobody_elses_business(browser: Browser, small: SmallArchive) -> None:
    """Another reader does not find a request that is not his; one about a hidden item cannot even be begun."""
    page = ask(browser("engineer"), small.items["accounts"])
    assert browser("accountant").get(page.request.path, expect_errors=True).status_int == 404
    assert (
        browser("engineer").get("/requests/new", {"item": small.items["cadres"]}, expect_errors=True).status_int == 404
    )
    assert browser("sysadmin").get(page.request.path, expect_errors=True).status_int == 403
