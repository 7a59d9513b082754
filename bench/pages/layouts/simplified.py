"""Documents of mainland offices: GB/T 9704 with red head, letters, minutes, contracts, notices, lists, small print."""

import datetime
import random

from bench.pages.layouts.layout import Fields, Layout, body, day_of, signed, table_of, title
from bench.pages.press import Press
from bench.pages.words import Unit, Words
from samples.paper import BLACK, LEFT

__all__ = ["LAYOUTS"]

DOWN = ("通知", "通知", "通报", "决定", "意见", "批复")
UP = ("请示", "报告")
SIGNS = {"函": ("函",), "请示": ("请", "报"), "报告": ("报",), "批复": ("复", "批")}
CLOSINGS = {
    "请示": "妥否，请批示。",
    "报告": "特此报告。",
    "批复": "此复。",
    "函": "请予支持为盼。",
    "通知": "特此通知。",
}
ADDRESSEES = ("各科室、直属各单位", "各乡镇人民政府，县直各单位", "各分厂、车间、处室", "各学院、部、处", "各有关企业")
URGENCIES = ("", "", "", "特急", "加急")


def _red_head(page: Press, words: Words) -> Fields:
    return _official(page, words, words.rng.choice(DOWN))


def _upward(page: Press, words: Words) -> Fields:
    return _official(page, words, words.rng.choice(UP))


def _official(page: Press, words: Words, kind: str) -> Fields:
    rng, unit, day = words.rng, words.issuer(), day_of(words.rng)
    urgency = rng.choice(URGENCIES)
    if rng.random() < 0.3:
        page.paragraph(f"{rng.randint(1, 900):06}", indent=0)
    if urgency:
        page.paragraph(urgency, indent=0, face="hei")
    page.red_head(unit.name + ("文件" if rng.random() < 0.6 else ""))
    printed, number = _number(rng, unit, day, kind)
    if kind in UP:
        page.both(printed, f"签发人：{words.person()}")
    else:
        page.centred(printed, page.body, page.size, pitch=110)
    page.rule()
    addressee = words.unit() if kind in {*UP, "批复"} else rng.choice(ADDRESSEES)
    fields = _text(page, words, unit, kind, addressee)
    _attachments(page, words)
    date = words.written(day)
    signed(page, unit.name, date, unit.name if rng.random() < 0.8 else "", rng.choice((4, 4, 2, 5)))
    if rng.random() < 0.3:
        page.paragraph(
            rng.choice(
                ("（此件公开发布）", "（此件依申请公开）", f"（联系人：{words.person()}，电话：{words.phone()}）")
            )
        )
    _colophon(page, words, unit, day)
    page.number_pages()
    return fields | {"document_number": number, "date": f"{day:%Y%m%d}", "issuer": unit.name, "urgency": urgency}


def _letter(page: Press, words: Words) -> Fields:
    """函: the name alone in red, a rule below it, the number at the right."""
    unit, day = words.issuer(), day_of(words.rng)
    page.red_head(unit.name)
    page.y -= 40
    page.rule()
    printed, number = _number(words.rng, unit, day, "函")
    page.right(printed, 0)
    addressee = words.unit()
    fields = _text(page, words, unit, "函", addressee, most=2)
    signed(page, unit.name, words.written(day), unit.name)
    return fields | {"document_number": number, "date": f"{day:%Y%m%d}", "issuer": unit.name, "urgency": ""}


def _text(page: Press, words: Words, unit: Unit, kind: str, addressee: str, most: int = 4) -> Fields:
    """Title, addressee, and body of `most` paragraphs at most."""
    rng = words.rng
    matter = words.matter(kind)
    matter = type(matter)(matter.subject, matter.opening, matter.paragraphs[:most], matter.rows)
    text = (unit.name if rng.random() < 0.25 and len(unit.name) < 14 else "") + f"关于{matter.subject}的{kind}"
    title(page, text, "head" if rng.random() < 0.6 else "song_bold")
    page.paragraph(f"{addressee}：", indent=0)
    body(page, matter, face=rng.choice(("hei", "kai", page.body)), apart=rng.random() < 0.6)
    if kind in CLOSINGS and rng.random() < 0.7:
        page.paragraph(CLOSINGS[kind])
    return {"title": text, "addressee": addressee}


def _number(rng: random.Random, unit: Unit, day: datetime.date, kind: str) -> tuple[str, str]:
    """A document number as it is printed (older ones with other brackets), and as a catalogue has it."""
    code = unit.code + rng.choice(SIGNS.get(kind, ("发", "字", "办发")))
    first, last = rng.choice(("〔〕", "〔〕", "［］", "（）")) if day.year < 2012 else "〔〕"
    running = rng.randint(1, 260)
    return f"{code}{first}{day.year}{last}{running}号", f"{code}〔{day.year}〕{running}号"


def _attachments(page: Press, words: Words) -> None:
    names = [
        f"{words.place()}{name}"
        for name in words.rng.sample(("任务分解表", "实施细则", "人员名册", "现场平面图", "经费测算说明"), 3)
    ]
    match words.rng.randrange(3):
        case 0:
            page.space(0.5)
            page.paragraph(f"附件：{names[0]}")
        case 1:
            page.space(0.5)
            page.paragraph(f"附件：1．{names[0]}")
            page.paragraph(f"2．{names[1]}", indent=5)


def _colophon(page: Press, words: Words, unit: Unit, day: datetime.date) -> None:
    """版记: copies to, and printed by."""
    if words.rng.random() < 0.5:
        return
    page.space(0.8)
    page.rule(BLACK, 4)
    page.y -= page.pitch * 0.85
    page.paragraph(f"抄送：{words.unit()}，{words.unit()}。", indent=1)
    later = day + datetime.timedelta(days=words.rng.randint(0, 5))
    page.both(
        f"{unit.name[:14]}办公室" if not unit.name.endswith("办公室") else unit.name,
        f"{later.year}年{later.month}月{later.day}日印发",
    )


def _minutes(page: Press, words: Words) -> Fields:
    rng, unit, day = words.rng, words.issuer(), day_of(words.rng)
    head = f"{rng.choice(('党组', '专题', '局长办公', '安全生产', '厂务', '理事会'))}会议纪要"
    page.red_head(head)
    number = f"〔{day.year}〕{rng.randint(1, 40)}号"
    page.centred(number, page.body, page.size, pitch=110)
    page.both(unit.name, words.written(day))
    page.rule()
    matter = words.matter("纪要")
    held = f"{day.month}月{max(1, day.day - 2)}日下午，{words.person()}同志在{words.place()}楼会议室主持召开会议，"
    held += f"专题研究{matter.subject}工作。现将会议议定事项纪要如下："
    page.space(0.4)
    page.paragraph(held)
    for mark, (heading, text) in zip("一二三四", matter.paragraphs, strict=False):
        page.paragraph(f"{mark}、关于{heading}。会议认为，{text}")
    page.paragraph(f"出席：{'、'.join(words.person() for _ in range(6))}", face="kai")
    page.paragraph(f"列席：{'、'.join(words.person() for _ in range(4))}", face="kai")
    page.paragraph(f"记录：{words.person()}", face="kai")
    page.number_pages()
    return {"title": head, "document_number": number, "date": f"{day:%Y%m%d}", "issuer": unit.name, "urgency": ""}


def _notice(page: Press, words: Words) -> Fields:
    """A notice without red head or number."""
    unit, day = words.issuer(), day_of(words.rng)
    fields = _text(page, words, unit, "通知", words.rng.choice(ADDRESSEES))
    signed(page, unit.name, words.written(day), unit.name if words.rng.random() < 0.7 else "")
    return fields | {"document_number": "", "date": f"{day:%Y%m%d}", "issuer": unit.name, "urgency": ""}


def _contract(page: Press, words: Words) -> Fields:
    rng, day, matter = words.rng, day_of(words.rng), words.matter("约定", table=True)
    first, second = words.issuer().name, words.issuer().name
    name = rng.choice(
        ("设备维修服务合同", "委托检测协议书", "房屋租赁合同", "技术咨询合同", "物业管理服务合同", "货物运输协议")
    )
    number = f"{''.join(rng.choices('ABCDGHJKLMNPSTXYZ', k=2))}-{day.year}-{rng.randint(1, 400):03}"
    page.space(0.6)
    page.centred(name, "head", 100, pitch=190)
    page.right(f"合同编号：{number}", 0)
    one, two = rng.choice(
        (("甲方", "乙方"), ("委托方（甲方）", "受托方（乙方）"), ("甲方（发包方）", "乙方（承包方）"))
    )
    page.paragraph(f"{one}：{first}", indent=0, face="hei")
    page.paragraph(f"{two}：{second}", indent=0, face="hei")
    page.paragraph(
        f"依照《中华人民共和国民法典》的规定，甲乙双方就{matter.subject}事宜，经友好协商达成一致，签订本合同。"
    )
    for n, (heading, text) in enumerate(matter.paragraphs, 1):
        page.paragraph(f"第{'一二三四五'[n - 1]}条　{heading}", indent=0, face="hei")
        page.paragraph(text)
    table_of(page, matter.rows)
    page.paragraph("本合同未尽事宜，由双方另行签订补充协议。本合同一式肆份，双方各执贰份，经双方签字并加盖公章后生效。")
    for party, name_of_party in (("甲方", first), ("乙方", second)):
        page.space(0.4)
        page.paragraph(f"{party}（盖章）：{name_of_party}", indent=0)
        page.paragraph(f"代表人：{words.person()}", indent=0)
        page.paragraph(f"日期：{day.year}年{day.month}月{day.day}日", indent=0)
        page.seal(name_of_party, LEFT + rng.randint(380, 560), page.y - 470)
    page.number_pages()
    return {
        "title": name,
        "document_number": number,
        "date": f"{day:%Y%m%d}",
        "issuer": first,
        "addressee": "",
        "urgency": "",
    }


def _list(page: Press, words: Words) -> Fields:
    """A page that is a table."""
    unit, day, matter = words.issuer(), day_of(words.rng), words.matter("统计", table=True)
    name = f"{words.place()}{words.rng.choice(('情况统计表', '明细表', '登记表', '汇总表'))}"
    title(page, name, "song_bold", 84)
    page.both(f"填报单位：{unit.name}", f"{day.year}年{day.month}月{day.day}日")
    rows = [("序号", *matter.rows[0])]
    while len(rows) < 20:
        further = words.matter("统计", table=True).rows
        rows += [(str(len(rows) + n), *row) for n, row in enumerate(further[1:]) if len(row) == len(rows[0]) - 1]
    table_of(page, rows[:21])
    page.both(f"审核：{words.person()}", f"制表：{words.person()}")
    return {"title": name, "document_number": "", "date": f"{day:%Y%m%d}", "issuer": unit.name, "urgency": ""}


def _small_print(page: Press, words: Words) -> Fields:
    """Rules in size five, as in bound volumes of regulations."""
    name = f"{words.place()}{words.rng.choice(('安全管理办法', '经费使用规定', '考核实施细则', '岗位责任制度'))}"
    page.y = 300
    page.centred(name, "song_bold", 64, pitch=110)
    count = 0
    while page.y < 2650 and len(page.sheets) == 1:
        for heading, text in words.matter("规定").paragraphs:
            count += 1
            page.paragraph(f"第{count}条　{heading}：{text}")
    return {"title": name, "document_number": "", "urgency": ""}


def _report(page: Press, words: Words) -> Fields:
    """Several pages with tables in them."""
    rng, unit, day = words.rng, words.issuer(), day_of(words.rng)
    page.red_head(unit.name + "文件")
    printed, number = _number(rng, unit, day, "报告")
    page.both(printed, f"签发人：{words.person()}")
    page.rule()
    addressee = words.unit()
    fields = _text(page, words, unit, "报告", addressee)
    for _ in range(2):
        matter = words.matter("报告", table=True)
        page.paragraph(f"关于{matter.subject}，具体情况如下：", face="kai")
        for _heading, text in matter.paragraphs[:3]:
            page.paragraph(text)
        table_of(page, matter.rows)
    signed(page, unit.name, words.written(day), unit.name)
    page.number_pages()
    return fields | {"document_number": number, "date": f"{day:%Y%m%d}", "issuer": unit.name, "urgency": ""}


FACES = ("fang", "song", "fang", "kai", "uming")
LAYOUTS = (
    Layout("official", "simplified", _red_head, FACES),
    Layout("upward", "simplified", _upward, FACES),
    Layout("letter", "simplified", _letter, FACES),
    Layout("minutes", "simplified", _minutes, FACES, pitch=112),
    Layout("notice", "simplified", _notice, FACES),
    Layout("contract", "simplified", _contract, FACES, size=58, pitch=98),
    Layout("list", "simplified", _list, FACES, size=54, pitch=126),
    Layout("small print", "simplified", _small_print, ("song", "fang"), size=44, pitch=68),
    Layout("report", "simplified", _report, FACES),
)
