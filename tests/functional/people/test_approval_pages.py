"""The inbox, delegations and the table of chains in a browser without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from webtest import TestApp

from archive.platform.accounts.models import Person
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive

Browser = Callable[..., TestApp]


def ask(reader: TestApp, *item_ids: str) -> Any:
    """Ask to read items; returns the page of the request."""
    query = "&".join(f"item={item_id}" for item_id in item_ids)
    form = form_to(reader.get(f"/requests/new?{query}"), "/requests/new")
    form["purpose"] = "核对年度数据"
    return form.submit().follow()


def decide(page: Any, verdict: str, comment: str = "") -> Any:
    """Decide the first thing on a page."""
    form = next(form for form in page.forms.values() if "/inbox/steps/" in form.action)
    form["comment"] = comment
    return form.submit("verdict", value=verdict, expect_errors=True)


def several(page: Any, verdict: str, comment: str = "") -> Any:
    """Tick everything on a page and decide it at once."""
    ticked = [box["value"] for box in page.html.find_all("input", {"name": "step"})]
    form = page.forms["several"]
    sent = {"csrf_token": form["csrf_token"].value, "step": ticked, "verdict": verdict, "comment": comment}
    return page.test_app.post(form.action, sent, expect_errors=True)


def test_a_question_goes_to_the_reader_and_comes_back(browser: Browser, small: SmallArchive) -> None:
    """The head returns it with a question; the reader finds it, answers, and the head sees the answer and approves."""
    reader, head = browser("engineer"), browser("finance_head")
    ask(reader, small.items["accounts"])
    assert decide(head.get("/inbox"), "return").status_int == 422
    decide(head.get("/inbox"), "return", "请写明用于哪个<b>项目</b>")
    assert "目前没有" in head.get("/inbox").text
    mine = reader.get("/inbox/asked")
    for shown in ("退回补充", "请写明用于哪个&lt;b&gt;项目", "我提出的"):
        assert shown in mine.text
    assert "件申请退回" in reader.get("/").text
    page = mine.click("补充说明")
    assert form_to(page, "/resubmit").submit(expect_errors=True).status_int == 422
    form = form_to(page, "/resubmit")
    form["remark"] = "用于三期扩建"
    answered = form.submit().follow()
    assert "用于三期扩建" in answered.text
    waiting = head.get("/inbox")
    case = waiting.click(href="/inbox/cases/")
    for shown in ("用于三期扩建", "办理经过", "2021-0001-01"):
        assert shown in case.text
    decide(case, "approve", "可以")
    assert "可以" in reader.get("/requests").click("2021-0001").text


def test_several_are_decided_at_once(browser: Browser, small: SmallArchive) -> None:
    """All that are ticked are approved with one comment; refusing them without a reason does nothing, and says so."""
    reader, head = browser("engineer"), browser("finance_head")
    ask(reader, small.items["accounts"])
    ask(browser("director"), small.items["accounts"])
    page = head.get("/inbox")
    refused = several(page, "refuse")
    assert refused.status_int == 409
    assert "请写明理由" in refused.text
    assert "有 2 项等您审批" in refused.text
    assert several(page, "approve", "都可以").status_int == 303
    assert head.get("/inbox/decided").text.count("都可以") == 2
    late = several(page, "approve")
    assert late.status_int == 409
    assert "2021-0002-01：" in late.text
    assert "已经办理" in late.text


def test_a_case_can_be_taken_back_from_its_page(browser: Browser, small: SmallArchive) -> None:
    """The applicant withdraws one case; the request says so, the inbox forgets it, and nobody else can do it."""
    reader = browser("engineer")
    ask(reader, small.items["accounts"])
    path = browser("finance_head").get("/inbox").html.find("h2").find("a")["href"]
    token = form_to(reader.get("/"), "/sign-out")["csrf_token"].value
    assert "撤回申请" not in browser("archivist").get(path).text
    assert "已撤回" in form_to(reader.get(path), "/withdraw").submit().follow().text
    assert reader.post(f"{path}/withdraw", {"csrf_token": token}, expect_errors=True).status_int == 409
    assert "目前没有" in browser("finance_head").get("/inbox").text
    assert "已撤回" in reader.get("/requests").text


def test_nothing_ticked_is_said(browser: Browser, small: SmallArchive) -> None:
    """Deciding several without having ticked any says what to do."""
    for login in ("engineer", "director"):
        ask(browser(login), small.items["accounts"])
    head = browser("finance_head")
    answer = head.get("/inbox").forms["several"].submit("verdict", value="approve", expect_errors=True)
    assert answer.status_int == 409
    assert "请先勾选" in answer.text


def test_the_inbox_is_filtered_by_what_stands_in_the_address(browser: Browser, small: SmallArchive) -> None:
    """By applicant; deciding keeps the filter; an empty answer still offers it."""
    ask(browser("engineer"), small.items["accounts"])
    ask(browser("director"), small.items["accounts"])
    head = browser("finance_head")
    page = head.get("/inbox", {"words": "方正", "kind": "request_line"})
    assert "有 1 项等您审批" in page.text
    assert decide(page, "approve").headers["Location"].endswith("kind=request_line&words=%E6%96%B9%E6%AD%A3")
    assert "筛选" in head.get("/inbox", {"words": "没有这个人"}).text


def test_a_delegate_finds_it_in_his_inbox_with_whose_it_is(browser: Browser, small: SmallArchive) -> None:
    """The head asks a colleague to decide while he is away: it is shown as his, decided as his, and ends by itself."""
    head, colleague = browser("finance_head"), browser("accountant")
    form = form_to(head.get("/inbox/delegations"), "/inbox/delegations")
    form["to"] = small.people["accountant"]
    assert form.submit().status_int == 303
    assert "生效中" in colleague.get("/inbox/delegations").text
    ask(browser("engineer"), small.items["accounts"])
    waiting = colleague.get("/inbox")
    assert "代钱明审批" in waiting.text
    assert "待办审批" in colleague.get("/").text
    decide(waiting, "approve", "代批")
    assert "代钱明" in colleague.get("/inbox/decided").text
    case = head.get(colleague.get("/inbox/decided").html.find("a", {"data-open": True})["href"])
    assert "（代钱明）" in case.text
    ask(browser("director"), small.items["accounts"])
    small.clock.pass_time(timedelta(days=8))
    colleague = browser("accountant")
    assert "目前没有" in colleague.get("/inbox").text
    assert "已结束" in colleague.get("/inbox/delegations").text


@pytest.mark.parametrize("to", ["", "finance_head", "secadmin"])
def test_a_delegation_that_cannot_be_is_said_beside_its_field(browser: Browser, small: SmallArchive, to: str) -> None:
    """To nobody, himself, an administrator: nothing typed is lost."""
    head = browser("finance_head")
    page = head.get("/inbox/delegations")
    token = form_to(page, "/inbox/delegations")["csrf_token"].value
    sent = {"csrf_token": token, "to": small.people.get(to, ""), "starts_at": "2021-03-05T10:00", "ends_at": "nonsense"}
    answer = head.post("/inbox/delegations", sent, expect_errors=True)
    assert answer.status_int == 422
    assert 'value="nonsense"' in answer.text
    answer = head.post("/inbox/delegations", {**sent, "ends_at": "2021-03-09T10:00"}, expect_errors=True)
    assert answer.html.find(id="to-error") is not None


def test_a_case_is_nobody_elses_business(browser: Browser, small: SmallArchive) -> None:
    """Neither another reader nor an administrator sees a case; nobody answers in the applicant's place."""
    ask(browser("engineer"), small.items["accounts"])
    path = browser("finance_head").get("/inbox").html.find("h2").find("a")["href"]
    assert browser("accountant").get(path, expect_errors=True).status_int == 404
    assert browser("secadmin").get(path, expect_errors=True).status_int == 403
    head = browser("finance_head")
    token = form_to(head.get("/inbox"), "/sign-out")["csrf_token"].value
    answer = head.post(f"{path}/resubmit", {"csrf_token": token, "remark": "代答"}, expect_errors=True)
    assert answer.status_int == 403


ROW = "/chains/row?asked=view&control=internal&circle=other"


def change(page: Any, comment: str = "按制度调整", **fields: str) -> Any:
    """Change a row."""
    form = form_to(page, "/chains/row")
    for name, value in {"comment": comment, **fields}.items():
        form[name.replace("_", "-")] = value
    return form.submit(expect_errors=True)


def test_the_security_administrator_changes_a_chain(browser: Browser, small: SmallArchive) -> None:
    """A named person instead of the archivist: a new version with its reason, and the next request goes that way."""
    admin, reader = browser("secadmin"), browser("engineer")
    ask(reader, small.items["accounts"])
    person = f"person:{small.people['accountant']}"
    assert change(admin.get(ROW), who_2=person, days_2="3").status_int == 303
    page = admin.get("/chains?asked=view")
    for shown in ("孙敏 · 财务部", "第 1 版", "按制度调整", "现行", "管二", "本版更改"):
        assert shown in page.text
    assert "孙敏" not in admin.get("/chains?asked=view&version=0").html.find("table").text
    ask(browser("director"), small.items["accounts"])
    head = browser("finance_head")
    several(head.get("/inbox"), "approve")
    assert "有 1 项等您审批" in browser("accountant").get("/inbox").text
    assert "有 1 项等您审批" in browser("archivist").get("/inbox").text


@pytest.mark.parametrize(
    ("row", "fields", "field"),
    [
        (ROW, {"comment": " "}, "comment"),
        (ROW, {"days_1": "0"}, "days-1"),
        (ROW, {"days_1": "x"}, "days-1"),
        (ROW, {"who_2": "role:department_head", "place_2": "owning"}, "who-1"),
        (ROW.replace("internal", "secret"), {"who_1": "", "who_2": ""}, "who-1"),
        (ROW + "&new=1", {}, "purpose"),
    ],
)
def test_a_chain_that_makes_no_sense_is_not_kept(
    browser: Browser, small: SmallArchive, row: str, fields: dict[str, str], field: str
) -> None:
    """No reason, no such time, twice the same, no approval for a secret, no purpose: said, and nothing is kept."""
    admin = browser("secadmin")
    answer = change(admin.get(row), **fields)
    assert answer.status_int == 422
    assert answer.html.find("a", {"href": f"#{field}"}) is not None
    assert "第 1 版" not in admin.get("/chains").text


def test_two_administrators_do_not_undo_each_other(browser: Browser, small: SmallArchive) -> None:
    """Whoever saves second, on top of what he did not see, is told to look again."""
    admin = browser("secadmin")
    first, second = admin.get(ROW), admin.get(ROW)
    assert change(first, days_1="2").status_int == 303
    answer = change(second, days_1="5")
    assert answer.status_int == 409
    assert "刚刚被他人修改过" in answer.text


def test_a_purpose_may_have_a_chain_of_its_own(browser: Browser, small: SmallArchive) -> None:
    """For one purpose the archivist alone; taken away again it is as before."""
    admin = browser("secadmin")
    change(admin.get(ROW + "&new=1"), purpose="编史修志", who_1="role:archivist", place_1="anywhere", who_2="")
    with small.parts.database.reading() as session:
        unit_id = session.get_one(Person, small.people["finance_head"]).unit_id
    query = {"applicant": small.people["engineer"], "unit": unit_id, "control": "internal", "asked": "view"}
    for purpose, deciders in (("编史修志", ["沈鉴"]), ("工作查考", ["钱明", "沈鉴"])):
        said = admin.get("/chains", {**query, "purpose": purpose}).html.find("ol", {"class": "would-decide"}).text
        assert [name for name in ("钱明", "沈鉴") if name in said] == deciders
    row = {"asked": "view", "control": "internal", "circle": "other", "purpose": "编史修志"}
    form = form_to(admin.get("/chains/row", row), "/chains/row")
    form["comment"] = "不再需要"
    assert form.submit("remove").status_int == 303
    assert "编史修志" not in admin.get("/chains").html.find("table").text


def test_trying_out_says_who_would_decide(browser: Browser, small: SmallArchive) -> None:
    """The names of those who would, with the stand-in where a step has nobody; refused in words where nobody could."""
    admin = browser("secadmin")
    with small.parts.database.reading() as session:
        unit_id = session.get_one(Person, small.people["finance_head"]).unit_id
    query = {"asked": "paper", "unit": unit_id, "control": "internal"}
    tried = admin.get("/chains", {**query, "applicant": small.people["engineer"]})
    said = tried.html.find("ol", {"class": "would-decide"}).text
    assert ["钱明" in said, "方正" in said, "沈鉴" in said] == [True] * 3
    secret = {**query, "control": "restricted", "applicant": small.people["director"]}
    assert "没有可以审批此申请的人员" in admin.get("/chains", secret).text


def test_a_change_is_previewed_before_it_is_kept(browser: Browser, small: SmallArchive) -> None:
    """Who would decide by the steps as they are typed: nothing is kept, and nothing that was typed is lost."""
    admin = browser("secadmin")
    form = form_to(admin.get(ROW), "/chains/row")
    form["who-2"], form["applicant"] = f"person:{small.people['accountant']}", small.people["engineer"]
    with small.parts.database.reading() as session:
        form["unit"] = session.get_one(Person, small.people["finance_head"]).unit_id
    page = form.submit("preview")
    said = page.html.find("ol", {"class": "would-decide"}).text
    assert ["钱明" in said, "孙敏" in said] == [True, True]
    assert form_to(page, "/chains/row")["who-2"].value == f"person:{small.people['accountant']}"
    again = form_to(page, "/chains/row")
    again["applicant"] = ""
    assert "请选择申请人" in again.submit("preview").text
    assert "第 1 版" not in admin.get("/chains").text


def test_nobody_else_sees_the_table(browser: Browser) -> None:
    """Readers, archivists and the other administrators are refused."""
    for login in ("engineer", "archivist", "sysadmin", "auditadmin"):
        assert browser(login).get("/chains", expect_errors=True).status_int == 403
