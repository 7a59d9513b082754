"""Fields are proposed as the layout of official documents gives them, and little where there is no such layout."""

from dataclasses import replace

import pytest

from ingest.context import Line, PageText
from ingest.official_document import propose
from ingest.testing import sample_documents
from tests.unit.ingest.conftest import Reader
from tests.unit.ingest.layouts import laid_out

NOTICE = """
    !东江港务集团有限公司文件
    ^东港办〔2020〕7号

    #关于印发《档案利用管理办法》的通知
    各处室、各分公司：
    _现将《档案利用管理办法》印发给你们，请认真贯彻执行。本办法经2020年3月2日
    总经理办公会议通过，原办法（东港办〔2015〕3号）同时废止。自印发之日起施行特此
    _附件：档案利用管理办法

    >东江港务集团有限公司
    >2020年3月9日
"""


CATALOGUE = ("title", "document_number", "date", "issuer", "addressee", "secrecy", "urgency")


def _fields(*pages: str) -> dict[str, str]:
    return {one.field: one.value for one in propose([laid_out(page) for page in pages]) if one.field in CATALOGUE}


def test_samples(read_sample: Reader) -> None:
    """Title, number, date and issuer of the samples are right but for one in twenty, never wrong with confidence."""
    right, surely_wrong, asked = 0, [], 0
    for sample in sample_documents():
        proposals = {p.field: p for p in propose([page.text for page in read_sample(sample["file"])])}
        for field in ("title", "document_number", "date", "issuer"):
            proposal, asked = proposals.get(field), asked + 1
            right += (proposal.value if proposal else "") == sample[field]
            if proposal and proposal.value != sample[field] and proposal.confidence > 0.8:
                surely_wrong.append(proposal)
    assert right >= 0.95 * asked
    assert surely_wrong == []


def test_notice() -> None:
    """A notice gives all its fields; dates and numbers inside sentences are not its own."""
    assert _fields(NOTICE) == {
        "title": "关于印发《档案利用管理办法》的通知",
        "document_number": "东港办〔2020〕7号",
        "date": "20200309",
        "issuer": "东江港务集团有限公司",
        "addressee": "各处室、各分公司",
    }


def test_says_where_it_stands() -> None:
    """A proposal points at the page and line it was read from."""
    places = {p.field: (p.page, p.line) for p in propose([laid_out(NOTICE)]) if p.field in CATALOGUE}
    assert places == {"title": (1, 2), "document_number": (1, 1), "date": (1, 8), "issuer": (1, 0), "addressee": (1, 3)}


def test_title_over_three_lines() -> None:
    """Lines of a title are joined."""
    page = NOTICE.replace(
        "#关于印发《档案利用管理办法》的通知", "#关于进一步加强基建项目\n#档案收集整理和移交\n#工作的通知"
    )
    assert _fields(page)["title"] == "关于进一步加强基建项目档案收集整理和移交工作的通知"


def test_subtitle_and_note() -> None:
    """A subtitle and a note in brackets belong to the title, though they are printed smaller."""
    page = NOTICE.replace("管理办法》的通知", "管理办法》的通知\n^（试行）")
    assert _fields(page)["title"] == "关于印发《档案利用管理办法》的通知（试行）"
    report = "#在职工代表大会上的工作报告\n^——加强管理提高效益\n>东江港务集团有限公司\n>2020年3月9日"
    assert _fields(report)["title"] == "在职工代表大会上的工作报告——加强管理提高效益"


def test_attached_pages_are_not_the_document() -> None:
    """Titles and dates of attachments, and when it was printed, are not the document's own."""
    last = "^抄送：东江海关。\n东江港务集团有限公司办公室\n>2020年3月12日印发"
    annex = "附件\n#档案利用管理办法\n_第一条　为规范利用。\n>东江市档案局\n>2001年1月1日"
    found = {one.field: one for one in propose([laid_out(NOTICE), laid_out(annex + "\n" * 12 + last)])}
    assert (found["date"].value, found["issuer"].value) == ("20200309", "东江港务集团有限公司")
    assert (found["attachments"].value, found["copies_to"].value) == ("档案利用管理办法", "东江海关")


def test_a_stamp_of_receipt_is_not_the_date() -> None:
    """A date above the title is that of a stamp."""
    assert _fields(">2020年3月15日\n" + NOTICE)["date"] == "20200309"


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("东港办〔2021〕012号", "东港办〔2021〕12号"),
        ("东港办[2021]12号", "东港办〔2021〕12号"),
        ("东港办（2021） 12 号", "东港办〔2021〕12号"),
        ("东港办【2021】第12号", "东港办〔2021〕12号"),
        ("東港辦〔２０２１〕１２號", "東港辦〔2021〕12號"),
        ("东港财请〔2021〕12号 签发人：王立新", "东港财请〔2021〕12号"),
    ],
)
def test_numbers_are_made_alike(printed: str, number: str) -> None:
    """Brackets become hexagonal, digits western, leading zeros go."""
    assert _fields(NOTICE.replace("东港办〔2020〕7号", printed, 1))["document_number"] == number


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("2021年3月5日", "20210305"),
        ("2021 年 12 月 31 日", "20211231"),
        ("二〇二一年三月五日", "20210305"),
        ("二○二一年十月二十日", "20211020"),
        ("二〇一九年十二月三十一日", "20191231"),
        ("2021-03-05", "20210305"),
        ("2021.3.5", "20210305"),
        ("5 March 2021", "20210305"),
        ("March 5, 2021", "20210305"),
    ],
)
def test_dates(printed: str, date: str) -> None:
    """Dates in every usual writing become YYYYMMDD."""
    assert _fields(NOTICE.replace(">2020年3月9日", ">" + printed))["date"] == date


def test_impossible_dates_are_not_proposed() -> None:
    """The 31st of June is a misreading."""
    assert _fields(">2021年6月31日") == {}


@pytest.mark.parametrize(
    ("printed", "mark"),
    [
        ("机密★10年", "机密★10年"),
        ("秘密★1年", "秘密★1年"),
        ("秘密*6个月", "秘密★6个月"),
        ("绝密", "绝密"),
        ("絕密★長期", "絕密★長期"),
        ("密级：秘密", "秘密"),
        ("内部资料", "内部"),
    ],
)
def test_secrecy(printed: str, mark: str) -> None:
    """Marks at the head are found with their terms."""
    assert _fields(printed + "\n" + NOTICE)["secrecy"] == mark


def test_secrecy_on_a_later_page() -> None:
    """A mark on any page counts, and the highest of all wins."""
    assert _fields(NOTICE, "秘密★1年", "机密★5年\n_附件")["secrecy"] == "机密★5年"


def test_talking_of_secrets_is_no_mark() -> None:
    """The word inside a sentence or a title is not a mark."""
    page = NOTICE.replace("《档案利用管理办法》", "《保守商业秘密规定》").replace(
        "_附件", "_秘密文件不得带离库房。\n_附件"
    )
    assert "secrecy" not in _fields(page)


def test_urgency() -> None:
    """The urgency stands at the head."""
    assert _fields("加急\n" + NOTICE)["urgency"] == "加急"


def test_minutes() -> None:
    """Minutes are titled by their head; the issuer stands beside the date below it."""
    page = "!党委会议纪要\n^〔2021〕第3期\n>2021年4月12日\n_4月9日，党委书记主持召开党委会议。"
    assert _fields(page) == {"title": "党委会议纪要", "document_number": "〔2021〕第3期", "date": "20210412"}


def test_traditional_letter() -> None:
    """A traditional letter gives its fields in the characters it is written in."""
    page = """
        !啟明航運有限公司
        啟航字〔2021〕8號
        #關於調整船期的函
        江海實業集團有限公司：
        _因颱風影響，原定七月二十日之船期須順延三日，敬請見諒。
        >啟明航運有限公司
        >二〇二一年七月十八日
    """
    assert _fields(page) == {
        "title": "關於調整船期的函",
        "document_number": "啟航字〔2021〕8號",
        "date": "20210718",
        "issuer": "啟明航運有限公司",
        "addressee": "江海實業集團有限公司",
    }


def test_contract() -> None:
    """A contract gives its title, number, first party and date."""
    page = """
        #办公设备维修合同
        >合同编号：JH-BGS-2020-003
        甲方：江海实业集团有限公司
        乙方：江海市惠民电脑维修部
        _甲乙双方经协商一致，订立本合同。
        日期：2020年5月6日
    """
    found = _fields(page)
    assert (found["title"], found["document_number"]) == ("办公设备维修合同", "JH-BGS-2020-003")
    assert (found["issuer"], found["date"]) == ("江海实业集团有限公司", "20200506")


@pytest.mark.parametrize(
    "page", ["", "_今天下雨。\n_明天晴，气温二十度，\n风力三级。", "1\n2\n3", "品名数量单价\n钢笔12支\n本子30本"]
)
def test_unknown_layouts_propose_little(page: str) -> None:
    """What is no document gets no field with confidence."""
    assert [p for p in propose([laid_out(page)]) if p.confidence > 0.5] == []


def test_no_pages() -> None:
    """Nothing in, nothing out."""
    assert propose([]) == ()
    assert propose([PageText(100, 100, (), "null/1")]) == ()


@pytest.mark.parametrize(
    ("head", "printed", "number", "kind"),
    [
        ("江海市档案局文件", "（80）江档字第012号", "〔80〕江档字第12号", "通知"),
        ("江海市档案局公告", "2021年第3号", "2021年第3号", "公告"),
    ],
)
def test_numbers_of_old_and_of_announcements(head: str, printed: str, number: str, kind: str) -> None:
    """The year in short before the sign, and numbers within a year, are numbers too."""
    page = f"!{head}\n^{printed}\n#关于开展档案检查的{kind}\n各单位：\n>江海市档案局\n>一九八〇年九月十四日"
    assert _fields(page)["document_number"] == number


def test_letters_read_for_digits_of_a_date() -> None:
    """2Q12年 is proposed as 2012, believed more if the number is of that year, and never as sure."""
    for number, sure in (("东港函〔2012〕7号", 0.7), ("东港函〔2008〕7号", 0.25)):
        page = f"!东江港务集团有限公司\n^{number}\n#关于借用场地的函\n>东江港务集团有限公司\n>2Q12年7月27日"
        found = {one.field: one for one in propose([laid_out(page)])}
        assert found["date"].value == "20120727"
        assert found["date"].confidence == pytest.approx(sure, abs=0.05)


def test_who_signs_too_issues_too() -> None:
    """Of two issuers only one was found in the head: both signed, and neither alone is proposed as sure."""
    page = "!江海市妇女联合会\n^江妇联发〔2016〕58号\n#关于开展检查的通知\n>江海市妇女联合会\n>江海海关\n>2016年1月6日"
    found = {one.field: one for one in propose([laid_out(page)])}
    assert found["issuer"].value == "江海市妇女联合会；江海海关"
    assert found["issuer"].confidence < 0.9


def test_a_cut_year_is_that_of_printing() -> None:
    """Of a year of which a seal left two digits, the imprint says which it is."""
    page = "#关于借用场地的通知\n>东江港务集团有限公司\n>20年7月27日\n" + "\n" * 14 + "办公室\n>2012年7月28日印发"
    assert _fields(page)["date"] == "20120727"


def test_the_maker_of_minutes_is_no_part_of_their_title() -> None:
    """The name above the head of minutes is the issuer alone."""
    found = _fields("!楊荃鎮公所\n!第五屆第十次董事會會議記錄\n日期：2023年9月30日\n地點：會議室")
    assert (found["title"], found["issuer"]) == ("第五屆第十次董事會會議記錄", "楊荃鎮公所")


def test_both_parties_sign_at_the_foot_of_the_page() -> None:
    """Two like dates side by side at the foot of a page are no running head."""
    page = laid_out("#苗木购销合同\n甲方：江海市林业局\n乙方：东江苗木有限公司\n一、数量：200株。")
    foot = laid_out("2008年12月18日").lines[0]
    beside = [
        replace(foot, quad=tuple((x + right, 3100 + y - foot.quad[0][1]) for x, y in foot.quad)) for right in (0, 900)
    ]
    proposals = {one.field: one.value for one in propose([replace(page, lines=(*page.lines, *beside))])}
    assert proposals["date"] == "20081218"


def test_vertical_letters_name_their_issuer_before_the_date() -> None:
    """In columns from the right, the name stands in one of the last columns before the date."""
    columns = ("呈為借用活動中心場地事", "謹呈", "國立南澳大學", "中華民國三十年六月九日")
    lines = [_column(text, 2000 - 150 * n) for n, text in enumerate(columns)]
    found = {one.field: one.value for one in propose([PageText(2480, 3508, tuple(lines), "laid out/1")])}
    assert (found["issuer"], found["date"]) == ("國立南澳大學", "19410609")


def _column(text: str, left: float) -> Line:
    right, bottom = left + 66, 400 + 70.0 * len(text)
    quad = ((right, 400.0), (right, bottom), (left, bottom), (left, 400.0))
    return Line(text, quad, tuple(n / len(text) for n in range(len(text) + 1)), 1.0)
