"""Documents made at random with their true fields, as a perfect reading gives them: lines with boxes, no pictures."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ingest.context import Line, PageText

__all__ = ["KINDS", "Made", "made", "misread", "numeral"]

WIDTH, HEIGHT = 2480, 3508
LEFT, RIGHT, TOP, BOTTOM = 331, 2173, 437, 3095
PITCH, BODY = 120, 66
SEAL = (1500.0, 2000.0, 2000.0, 2500.0)


@dataclass(frozen=True)
class Made:
    """A document. `fields`: title, document_number, date, issuer and whatever else is true of it; "" is nothing."""

    kind: str
    pages: tuple[PageText, ...]
    fields: dict[str, str]


@dataclass
class Paper:
    """Pages that are filled from top to bottom."""

    rng: random.Random
    pages: list[list[Line]] = field(default_factory=lambda: [[]])
    y: float = TOP

    def put(self, text: str, left: float, size: float = BODY, *, top: float | None = None) -> float:
        """One line; the position goes on unless `top` is given. Returns its right edge."""
        top = self.y if top is None else top
        advances = [size * (0.52 if char < "\u2e80" else 1) for char in text]
        wide, tall = sum(advances), size * self.rng.uniform(1.05, 1.3)
        ends = [0.0]
        for advance in advances:
            ends.append(min(1.0, ends[-1] + advance / wide))
        quad = ((left, top), (left + wide, top), (left + wide, top + tall), (left, top + tall))
        self.pages[-1].append(Line(text, quad, tuple(ends), 1.0))
        return left + wide

    def line(self, text: str, left: float = LEFT, size: float = BODY, pitch: float = PITCH) -> None:
        """One line, and down."""
        if self.y + pitch > BOTTOM:
            self.turn()
        self.put(text, left, size)
        self.y += pitch

    def centred(self, text: str, size: float = BODY, pitch: float = 0) -> None:
        """A line in the middle."""
        self.line(text, (LEFT + RIGHT - wide(text, size)) / 2, size, pitch or size * 1.6)

    def right(self, text: str, indent: float = 0) -> None:
        """A line that ends `indent` characters before the right edge."""
        self.line(text, RIGHT - indent * BODY - wide(text, BODY))

    def both(self, left: str, right: str) -> None:
        """Two lines of one height."""
        if self.y + PITCH > BOTTOM:
            self.turn()
        self.put(left, LEFT + BODY, top=self.y)
        self.put(right, RIGHT - BODY - wide(right, BODY), top=self.y + self.rng.uniform(-6, 6))
        self.y += PITCH

    def paragraph(self, text: str, indent: float = 2, hanging: float = 0) -> None:
        """Text over as many lines as it needs; those after the first begin `hanging` characters in."""
        left = LEFT + indent * BODY
        line = ""
        for char in text:
            if left + wide(line + char, BODY) > RIGHT and char not in "，。；：、）》":
                self.line(line, left)
                line, left = "", LEFT + hanging * BODY
            line += char
        self.line(line, left)

    def title(self, text: str, size: float = 88) -> None:
        """A title, in lines of like length."""
        self.y += 50
        count = -(-int(wide(text, size)) // 1650)
        step = -(-len(text) // count)
        for start in range(0, len(text), step):
            self.centred(text[start : start + step], size, 138)
        self.y += 60

    def turn(self) -> None:
        """The next page."""
        self.pages.append([])
        self.y = TOP

    def text(self, *, sealed: bool = False) -> tuple[PageText, ...]:
        """What was put down, with page numbers."""
        for number, lines in enumerate(self.pages, 1):
            mark = f"— {number} —"
            self.pages[number - 1] = [*lines, _line(mark, 1200 if number % 2 else 420, 3190, 56)]
        last = len(self.pages) - 1
        return tuple(
            PageText(WIDTH, HEIGHT, tuple(lines), "made/1", (SEAL,) if sealed and n == last else ())
            for n, lines in enumerate(self.pages)
        )


def _line(text: str, left: float, top: float, size: float) -> Line:
    right, bottom = left + wide(text, size), top + size * 1.2
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Line(text, quad, tuple(n / len(text) for n in range(len(text) + 1)), 1.0)


def wide(text: str, size: float) -> float:
    """How long a line is."""
    return sum(size * (0.52 if char < "\u2e80" else 1) for char in text)


PLACES = ("海州", "临川", "平江", "青田", "安吉", "武陵", "长汀", "兴化", "永嘉", "汉中")
OFFICES = (
    ("市财政局", "财"),
    ("市档案局", "档"),
    ("市人民政府", "政"),
    ("市人民政府办公室", "政办"),
    ("县发展和改革委员会", "发改"),
    ("师范学院", "师院"),
    ("港口集团有限公司", "港集"),
    ("轨道交通运营有限公司", "轨运"),
    ("电力设备制造股份有限公司", "电设"),
    ("中心医院", "医"),
    ("农村商业银行", "农商"),
    ("县总工会", "总工"),
    ("水泥厂", "水"),
    ("设计研究院", "设"),
    ("区应急管理局", "应急"),
    ("自来水有限责任公司", "供水"),
    ("县气象站", "气"),
    ("市残疾人联合会", "残联"),
    ("职工子弟学校", "校"),
    ("城市更新基金会", "基"),
)
THINGS = (
    "加强消防安全管理",
    "做好2023年度预算编制",
    "开展档案工作检查",
    "规范公务用车使用",
    "调整防汛抗旱指挥机构组成人员",
    "举办第十二届职工运动会",
    "落实《中华人民共和国档案法》有关要求",
    "进一步明确“三重一大”事项决策程序",
    "表彰先进集体和先进个人",
    "建设（扩建）综合库房项目立项",
    "清理历史遗留应收款项",
    "安装视频监控系统",
    "申请增加人员编制",
    "春节期间值班",
    "启用新印章",
    "老旧设备报废处置",
    "职工医疗互助保障",
    "数据备份与恢复演练",
)
SENTENCES = (
    "近年来，随着业务范围不断扩大，原有办法已不能适应工作需要，亟须加以完善。",
    "根据2019年6月3日专题会议精神和有关规定，结合实际，现就有关事项明确如下。",
    "各单位要高度重视，指定专人负责，于每月25日前将落实情况书面报送，不得迟报、漏报。",
    "所需经费从年度专项资金中列支，严格按照预算执行，接受审计监督。",
    "对工作中成绩突出的予以表扬，对推诿扯皮、造成损失的依规追究责任。",
    "此前印发的《暂行规定》（海州办〔2015〕3号）同时废止。",
)
PEOPLE = ("刘志远", "陈雅琴", "王立新", "赵卫东", "孙丽", "周建华")
NUMERALS = "〇一二三四五六七八九"


def _issuer(rng: random.Random) -> tuple[str, str]:
    place = rng.choice(PLACES)
    office, code = rng.choice(OFFICES)
    return place + office, place[0] + code


def _day(rng: random.Random) -> tuple[int, int, int]:
    return rng.randint(1992, 2025), rng.randint(1, 12), rng.randint(1, 28)


def _printed(rng: random.Random, day: tuple[int, int, int]) -> str:
    year, month, date = day
    if rng.random() < 0.3 or year < 2005:
        zero = rng.choice("〇○零")
        digits = "".join(zero if c == "0" else NUMERALS[int(c)] for c in str(year))
        return f"{digits}年{numeral(month)}月{numeral(date)}日"
    return f"{year}年{month}月{date}日"


def numeral(number: int) -> str:
    """A number below 100 as it is written: 二十一."""
    tens, ones = divmod(number, 10)
    head = {0: "", 1: "十"}.get(tens, NUMERALS[tens] + "十")
    return head + (NUMERALS[ones] if ones else "")


def _eight(day: tuple[int, int, int]) -> str:
    return "{:04}{:02}{:02}".format(*day)


def _body(paper: Paper, count: int = 0) -> None:
    for n in range(count or paper.rng.randint(2, 7)):
        paper.paragraph(f"{NUMERALS[n + 1]}、" + "".join(paper.rng.sample(SENTENCES, 2)))


def _marks(paper: Paper, fields: dict[str, str]) -> None:
    if paper.rng.random() < 0.2:
        paper.line(f"{paper.rng.randint(1, 99):06}")
    if paper.rng.random() < 0.2:
        term = paper.rng.choice(("10年", "6个月", "长期"))
        fields |= {"secrecy": f"秘密★{term}", "term": term}
        paper.line(fields["secrecy"])
    if paper.rng.random() < 0.25:
        fields["urgency"] = paper.rng.choice(("特急", "加急"))
        paper.line(fields["urgency"])
    paper.y += 80


def _attach(paper: Paper, fields: dict[str, str]) -> None:
    paper.y += 60
    count = paper.rng.choice((0, 0, 1, 2, 3))
    names = [
        f"{paper.rng.choice(PLACES)}{name}"
        for name in paper.rng.sample(("情况统计表", "工作方案（征求意见稿）", "任务分工一览表", "人员名单"), count)
    ]
    if count == 1:
        paper.line(f"附件：{names[0]}", LEFT + 2 * BODY)
    for n, name in enumerate(names if count > 1 else (), 1):
        paper.line(f"附件：1.{name}" if n == 1 else f"{n}.{name}", LEFT + (2 if n == 1 else 5) * BODY)
    fields["attachments"] = "\n".join(names)


def _sign(paper: Paper, names: list[str], date: str) -> None:
    paper.y += 100
    if paper.y + (len(names) + 1) * PITCH > BOTTOM:
        paper.turn()
    for name in names:
        paper.right(name, max(1.0, 4 + (wide(date, 1) - wide(name, 1)) / 2))
    paper.right(date, 4)


def _imprint(paper: Paper, fields: dict[str, str], office: str, day: tuple[int, int, int]) -> None:
    if paper.rng.random() < 0.5:
        return
    paper.y = max(paper.y + 60, BOTTOM - 5 * PITCH)
    if paper.y + 4 * PITCH > BOTTOM:
        paper.turn()
        paper.y = BOTTOM - 5 * PITCH
    copies = "，".join(_issuer(paper.rng)[0] for _ in range(paper.rng.randint(1, 5)))
    fields["copies_to"] = copies
    paper.paragraph(f"抄送：{copies}。", 1, hanging=4)
    year, month, date = day
    later = (year, month, min(28, date + paper.rng.randint(0, 6)))
    paper.both(office + "办公室", "{}年{}月{}日印发".format(*later))


def _number(rng: random.Random, code: str, year: int, fields: dict[str, str]) -> str:
    running = rng.randint(1, 320)
    fields["document_number"] = f"{code}〔{year}〕{running}号"
    opening, closing = rng.choice(("〔〕", "〔〕", "[]", "［］", "（）", "【】"))
    return f"{code}{opening}{year}{closing}{running}号"


def official(paper: Paper, kind: str) -> dict[str, str]:
    """GB/T 9704 with a red head; a superior is written to with the name of who signed it off."""
    rng, day = paper.rng, _day(paper.rng)
    (name, code), fields = _issuer(rng), dict[str, str]()
    _marks(paper, fields)
    head = name + (rng.choice(("文件", "")) if kind == "批复" else "文件")
    paper.centred(head, min(150, 1700 / len(head)))
    paper.y += 60
    number = _number(rng, code + rng.choice(("发", "办发", "字", "请" if kind == "请示" else "函")), day[0], fields)
    if kind in {"请示", "报告"}:
        signer = f"签发人：{rng.choice(PEOPLE)}"
        if rng.random() < 0.5:
            paper.both(number, signer)
        else:
            paper.line(f"{number}　　　　{signer}", LEFT + BODY)
    else:
        paper.centred(number)
    if rng.random() < 0.15:
        paper.put("收文2026年1月3日第88号", 1700, 40, top=300)
    paper.y += 60
    about = f"关于{rng.choice(THINGS)}的{kind}"
    note = "（试行）" if kind == "意见" else ""
    title = (name if rng.random() < 0.3 else "") + about + note
    paper.title(title)
    to = rng.choice(
        (
            "各处室、各直属单位",
            f"{_issuer(rng)[0]}",
            "各县（市、区）人民政府，市政府各委、办、局，各有关企业事业单位，驻市各高等学校",
        )
    )
    paper.paragraph(to + "：", 0)
    _body(paper)
    _attach(paper, fields)
    date = _printed(rng, day)
    _sign(paper, [name if rng.random() < 0.8 else name[2:]], date)
    _imprint(paper, fields, name, day)
    if fields["attachments"]:
        paper.turn()
        paper.line("附件" + ("1" if "\n" in fields["attachments"] else ""))
        paper.title(fields["attachments"].split("\n")[0])
        _body(paper, 2)
        paper.right("2001年1月1日", 2)
    return fields | {"title": title, "date": _eight(day), "issuer": name, "addressee": to, "document_type": kind}


def joint(paper: Paper, kind: str) -> dict[str, str]:
    """Two or three issuers, 文件 standing beside their names; they sign one above the other."""
    rng, day, fields = paper.rng, _day(paper.rng), dict[str, str]()
    names = [place + office for place, (office, _) in zip(rng.sample(PLACES, 3), rng.sample(OFFICES, 3), strict=True)]
    names = names[: rng.randint(2, 3)]
    top = paper.y
    size = min(120, 1350 / max(map(len, names)))
    beside = LEFT + wide(max(names, key=len), size) + 80
    for n, name in enumerate(names):
        paper.line(name, LEFT + 40, size, 170)
        if n == len(names) // 2:
            paper.put("文件", beside, 1.2 * size, top=(top + paper.y - 170) / 2)
    paper.y += 60
    paper.centred(_number(rng, names[0][0] + "联发", day[0], fields))
    title = f"关于{rng.choice(THINGS)}的{kind}"
    paper.title(title)
    paper.paragraph("各有关单位：", 0)
    _body(paper)
    _sign(paper, names, _printed(rng, day))
    return fields | {
        "title": title,
        "date": _eight(day),
        "issuer": "；".join(names),
        "addressee": "各有关单位",
        "document_type": kind,
    }


def letter(paper: Paper, kind: str) -> dict[str, str]:
    """信函格式: the number stands at the right, below the rule."""
    rng, day = paper.rng, _day(paper.rng)
    (name, code), fields = _issuer(rng), dict[str, str]()
    paper.y = 260
    paper.centred(name, min(130, 1750 / len(name)))
    paper.y += 60
    paper.right(_number(rng, code + "函", day[0], fields))
    title = f"关于{rng.choice(THINGS)}的{kind}"
    paper.title(title)
    to = _issuer(rng)[0]
    paper.paragraph(to + "：", 0)
    _body(paper, 2)
    _attach(paper, fields)
    _sign(paper, [name], _printed(rng, day))
    return fields | {"title": title, "date": _eight(day), "issuer": name, "addressee": to, "document_type": kind}


def minutes(paper: Paper, kind: str) -> dict[str, str]:
    """Minutes and bulletins: the head says what it is, issuer and date stand level below it."""
    rng, day = paper.rng, _day(paper.rng)
    name = _issuer(rng)[0]
    head = (
        rng.choice(("党委会议", "总经理办公会议", "专题会议", "安全生产委员会会议"))
        if kind == "纪要"
        else rng.choice(("档案工作", "督查", "信访"))
    )
    head += kind
    paper.centred(head, min(150, 1700 / len(head)))
    running = rng.randint(1, 40)
    number = rng.choice((f"第{running}期", f"〔{day[0]}〕{running}号"))
    paper.centred(number, pitch=130)
    office = name + rng.choice(("办公室", "综合科"))
    paper.both(office, _printed(rng, day))
    paper.y += 100
    _body(paper)
    paper.line(f"出席：{'、'.join(PEOPLE[:4])}", LEFT + 2 * BODY)
    paper.y = max(paper.y, BOTTOM - 2 * PITCH)
    paper.line("分送：公司领导，各部门。", LEFT + BODY)
    return {
        "title": head,
        "document_number": number,
        "date": _eight(day),
        "issuer": office,
        "addressee": "",
        "document_type": kind,
    }


def order(paper: Paper, kind: str) -> dict[str, str]:
    """命令（令）: numbered 第N号 below the head; who signs stands above the date."""
    rng, day = paper.rng, _day(paper.rng)
    name = rng.choice(PLACES) + "市人民政府"
    paper.y += 200
    paper.centred(name + kind, 140)
    running = rng.randint(1, 99)
    paper.y += 60
    paper.centred(f"第{running}号", pitch=200)
    paper.paragraph("《海州市档案管理办法》已经2011年5月6日市政府第12次常务会议通过，现予公布，自2011年8月1日起施行。")
    paper.y += 120
    paper.right("市长　" + rng.choice(PEOPLE), 4)
    paper.right(_printed(rng, day), 4)
    return {
        "title": name + kind,
        "document_number": f"第{running}号",
        "date": _eight(day),
        "issuer": name,
        "addressee": "",
        "document_type": kind,
    }


def contract(paper: Paper, kind: str) -> dict[str, str]:
    """Two parties, who sign at the end; the number stands at the right below the title."""
    rng, day = paper.rng, _day(paper.rng)
    first, second = _issuer(rng)[0], _issuer(rng)[0]
    title = rng.choice(("办公设备采购", "库房改造工程施工", "档案数字化加工服务", "房屋租赁")) + kind
    number = f"HT-{day[0]}-{rng.randint(1, 300):03}"
    paper.title(title, 104)
    paper.right(f"{rng.choice(('合同编号', '编号'))}：{number}")
    role, other = rng.choice((("", ""), ("（买方）", "（卖方）"), ("（委托方）", "（受托方）")))
    paper.line(f"甲方{role}：{first}")
    paper.line(f"乙方{other}：{second}")
    _body(paper, rng.randint(3, 9))
    paper.y += 100
    printed = _printed(rng, day)
    if rng.random() < 0.5:
        for party, name in (("甲方", first), ("乙方", second)):
            paper.line(f"{party}（盖章）：{name}")
            paper.line("法定代表人或授权代表：")
            paper.line(f"{rng.choice(('日期', '签订日期'))}：{printed}")
    else:
        paper.both("甲方（盖章）：", "乙方（盖章）：")
        paper.both("代表：", "代表：")
        paper.both(printed, printed)
    return {"title": title, "document_number": number, "date": _eight(day), "issuer": first, "document_type": kind}


def plain(paper: Paper, kind: str) -> dict[str, str]:
    """A notice within the house: no head, no number."""
    rng, day = paper.rng, _day(paper.rng)
    name = rng.choice(("人力资源部", "生产技术处", "保卫科", "工会", "总务处", "第二分厂", "团委"))
    title = f"关于{rng.choice(THINGS)}的{kind}"
    paper.title(title)
    paper.paragraph("各科室、班组：", 0)
    _body(paper)
    fields: dict[str, str] = {}
    _attach(paper, fields)
    _sign(paper, [name], _printed(rng, day))
    return fields | {
        "title": title,
        "document_number": "",
        "date": _eight(day),
        "issuer": name,
        "addressee": "各科室、班组",
        "document_type": kind,
    }


def resolution(paper: Paper, kind: str) -> dict[str, str]:
    """Adopted by a meeting: the date stands in brackets below the title."""
    rng, day = paper.rng, _day(paper.rng)
    name = rng.choice(PLACES) + rng.choice(("港口集团有限公司", "纺织股份有限公司"))
    title = f"{name}关于{rng.choice(THINGS)}的{kind}"
    paper.title(title)
    paper.centred(f"（{_printed(rng, day)}第三届职工代表大会第二次会议通过）", 60, 130)
    _body(paper)
    return {"title": title, "document_number": "", "date": _eight(day), "document_type": kind}


def taiwan(paper: Paper, kind: str) -> dict[str, str]:
    """函 as Taiwan prints it, every part with its name."""
    rng = paper.rng
    year, month, date = rng.randint(2001, 2024), rng.randint(1, 12), rng.randint(1, 28)
    name = rng.choice(("蘭陽航運股份有限公司", "臺中市政府", "國立海洋大學", "高雄市立圖書館"))
    paper.centred(f"{name}　{kind}", 92)
    paper.y += 60
    to = rng.choice(("江海實業集團有限公司", "基隆港務局", "新北市立高級中學"))
    number = f"{rng.choice(('航業', '府教', '海總'))}字第{year - 1911}{rng.randint(1, 9999999):07}號"
    fields = {"urgency": ""}
    paper.line("地址：臺北市中正區忠孝東路一段1號", LEFT + 14 * BODY, 44, 70)
    paper.line(f"受文者：{to}")
    paper.line(f"發文日期：中華民國{year - 1911}年{month}月{date}日")
    paper.line(f"發文字號：{number}")
    paper.line("速別：普通件")
    paper.line("密等及解密條件或保密期限：")
    paper.line("附件：如主旨")
    matter = rng.choice(("船期調整", "展品點交", "獎學金審查"))
    asked = rng.choice(("", "一式二份，並請於文到七日內惠予函復"))
    purpose = f"檢送{matter}相關資料{asked}，請查照"
    paper.paragraph(f"主旨：{purpose}。", 0, hanging=3)
    paper.line("說明：")
    paper.paragraph("一、依據貴公司112年3月2日來函辦理。", 1, hanging=3)
    paper.line("正本：" + to)
    return fields | {
        "title": purpose,
        "document_number": number,
        "date": f"{year:04}{month:02}{date:02}",
        "issuer": name,
        "addressee": to,
    }


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def western(paper: Paper, kind: str) -> dict[str, str]:
    """A letter in English."""
    rng, (year, month, date) = paper.rng, _day(paper.rng)
    name = rng.choice(
        (
            "Blackwater Dredging Company Limited",
            "Quayside Instruments Ltd.",
            "Holme Valley Council",
            "Sterling Freight LLC",
        )
    )
    subject = rng.choice(
        (
            "Calibration of Weighbridge No. 4",
            "Renewal of the Berth Licence for the Northern Quay",
            "Return of Archive Boxes",
        )
    )
    paper.centred(name.upper() if rng.random() < 0.4 else name, 90)
    shown = paper.pages[-1][-1].text
    paper.centred("7 Quay Road, Whitby", 44)
    reference = f"{name[:2].upper()}/{year}/{rng.randint(1, 400)}"
    paper.line(f"{rng.choice(('Our ref', 'Our reference', 'Ref.'))}: {reference}")
    paper.line(rng.choice((f"{date} {MONTHS[month - 1]} {year}", f"{MONTHS[month - 1]} {date}, {year}")))
    paper.line("The Manager")
    paper.line("Jianghai Industrial Group Co., Ltd.")
    paper.line("Dear Sir,")
    if rng.random() < 0.5:
        paper.line(f"{rng.choice(('Subject', 'Re'))}: {subject}")
    else:
        paper.centred(subject, 70)
    for _ in range(4):
        paper.line("We refer to your enquiry of 3 May 2011 and are pleased")
        paper.line("to confirm the terms set out therein.")
    paper.line("Yours faithfully,")
    paper.line("Enclosures: 2")
    return {
        "title": subject,
        "document_number": reference,
        "date": _eight((year, month, date)),
        "issuer": shown,
        "attachments": "2",
    }


def english_minutes(paper: Paper, kind: str) -> dict[str, str]:
    """Minutes of a board in English."""
    rng, (year, month, date) = paper.rng, _day(paper.rng)
    name = rng.choice(("Harbour Trust Limited", "Northern Quay Company Limited"))
    title = f"Minutes of the {rng.choice(('Annual General Meeting', 'Board Meeting', 'Finance Committee'))}"
    paper.centred(name, 80)
    paper.centred(title, 80)
    paper.line(f"Date: {date} {MONTHS[month - 1]} {year}")
    paper.line("Place: the board room")
    paper.line("Present: Mr. A. Fairfax (chair), Mrs. B. Lockwood")
    for _ in range(5):
        paper.line("It was resolved that the accounts be received and laid")
        paper.line("on the table until the next meeting.")
    return {"title": title, "document_number": "", "date": _eight((year, month, date)), "issuer": name}


KINDS: tuple[tuple[Callable[[Paper, str], dict[str, str]], tuple[str, ...]], ...] = (
    (official, ("通知", "通报", "决定", "批复", "意见")),
    (official, ("请示", "报告")),
    (official, ("通知",)),
    (joint, ("通知", "意见")),
    (letter, ("函", "复函")),
    (minutes, ("纪要", "简报")),
    (order, ("令",)),
    (contract, ("合同", "协议")),
    (plain, ("通知", "总结", "通报")),
    (resolution, ("决议", "决定")),
    (taiwan, ("函",)),
    (western, ("",)),
    (english_minutes, ("",)),
)


def made(seed: int) -> Made:
    """The document of this number: the same each time, of each kind in turn."""
    rng = random.Random(seed)
    write, kinds = KINDS[seed % len(KINDS)]
    paper = Paper(rng)
    kind = rng.choice(kinds)
    fields = write(paper, kind)
    sealed = rng.random() < 0.6
    return Made(write.__name__, paper.text(sealed=sealed), fields | {"seal": "有" if sealed else ""})


#: what stands in for a character that was misread
OTHERS = "白日千入未土壬已戊刀巳申末"


def misread(page: PageText, rng: random.Random, share: float) -> PageText:
    """The page with this share of its characters wrong; as engines are, it is less sure of such lines."""
    return replace(page, lines=tuple(_misread(line, rng, share) for line in page.lines))


def _misread(line: Line, rng: random.Random, share: float) -> Line:
    wrong = [rng.random() < share for _ in line.text]
    text = "".join(rng.choice(OTHERS) if bad else char for char, bad in zip(line.text, wrong, strict=True))
    sure = [rng.uniform(0.4, 0.9) if bad else rng.uniform(0.994, 1.0) for bad in wrong]
    return replace(line, text=text, confidence=sum(sure) / len(sure))
