"""What the documents say: issuers, matters, days and sentences at random, the same for the same seed."""

import datetime
import random
from typing import Any

__all__ = ["WRITERS", "Facts"]

#: what a layout prints, and the fields that a perfect reader proposes of it
Facts = tuple[dict[str, Any], dict[str, str]]

TOWNS = (
    "云澜", "鹤川", "望溪", "澄陵", "松坪", "丹霞口", "雁湾", "茶马", "乌兰", "紫荆山", "白鹭洲", "石臼", "凤仪",
    "玉屏", "三岔河", "芦汀", "曲阿", "银滩", "铜鼓", "浮梁",
)  # fmt: skip
OFFICES = (
    ("市司法局", "司"), ("市审计局", "审"), ("县民政局", "民"), ("市交通运输局", "交"), ("区文化和旅游局", "文旅"),
    ("市气象局", "气"), ("县林业和草原局", "林草"), ("市机关事务管理局", "管"), ("市公积金管理中心", "金管"),
    ("县妇女联合会", "妇"), ("市图书馆", "图"), ("高新技术产业开发区管理委员会", "高新管"), ("海关", "关"),
    ("铁路局集团有限公司", "铁"), ("民用机场建设指挥部", "机建"), ("热电厂", "热"), ("乳业股份有限公司", "乳"),
    ("农业科学院", "农科"), ("市第三中学", "三中"), ("中医院", "中医"), ("市人民代表大会常务委员会办公室", "人办"),
    ("殡仪馆", "殡"), ("县消防救援大队", "消"), ("造船有限责任公司", "船"), ("社会保险事业管理局", "社保"),
)  # fmt: skip
MATTERS = (
    "开展安全生产月活动", "统一收费票据式样", "核定二级机构编制", "做好汛期值班备勤", "推进无障碍设施改造",
    "变更单位账户信息", "划转所属企业股权", "举办第三届读书节", "停止使用旧版工作证件", "调拨应急救灾帐篷",
    "完善师德考核办法", "增设公交停靠站点", "组织干部职工健康体检", "古树名木挂牌保护", "疏浚护城河航道",
    "年度部门决算公开", "更换计量器具检定证书", "成立《地方志》编纂小组", "整治违规占道经营", "暂缓征收场地使用费",
)  # fmt: skip
SENTENCES = (
    "此项工作时间紧、任务重，请明确一名负责同志牵头，逐条逐项对照检查，形成问题清单并限时销号。",
    "经研究，原则同意你单位所报方案，请按照概算控制、分步实施的要求抓好组织落实。",
    "凡逾期未办理相关手续的，视为自动放弃，由此产生的后果由申请人自行承担。",
    "要坚持问题导向，加大督促检查力度，对弄虚作假的严肃追究有关人员责任。",
    "本次活动共发放宣传资料{n}份，接待咨询{n}人次，收集意见建议{n}条，取得了良好成效。",
    "具体办理流程和所需材料可登录门户网站查询，也可到一楼{n}号窗口现场咨询。",
    "上年度结余资金{n}万元一并纳入统筹，专款专用，不得挤占挪用。",
    "请于收到本文之日起{n}个工作日内反馈书面意见，逾期视为无意见。",
    "工程自开工以来累计完成投资{n}万元，占年度计划的七成，预计明年上半年交付使用。",
    "考虑到历史沿革和实际困难，对既有设施采取过渡措施，过渡期内维持原标准不变。",
)
OLD_SENTENCES = (
    "兹因庫房潮濕，歷年卷宗多有霉損，亟應另覓乾燥處所妥為存放，以免散佚。",
    "查本項經費業經列入年度預算，理合檢同單據備文呈請核銷。",
    "各該員工應即遵照辦理，毋得藉故延宕，致干未便。",
)
TAIWAN = ("臺東縣政府教育處", "雲嘉南濱海管理處", "國立南澳大學", "花蓮港務股份有限公司", "屏南區農業改良場")
HONG_KONG = (
    ("渠務工程署", "Drainage Works Department"), ("公共圖書委員會", "Public Libraries Board"),
    ("離島民政事務處", "Islands District Office"), ("碼頭管理有限公司", "Pier Management Company Limited"),
)  # fmt: skip
TAIWAN_MATTERS = ("辦理校舍耐震補強工程驗收", "借用活動中心場地", "更正員工名冊", "申請補發土地謄本")
PEOPLE = ("覃方舟", "阮若兰", "霍启明", "敖长庚", "封小满", "栗文涛", "詹一鸣", "仇雪芹", "邬建中", "卞如意")
NUMERALS = "〇一二三四五六七八九"


def letter(rng: random.Random) -> Facts:
    """函 in its own format: no page number, rules above and below."""
    facts, fields = _official(rng, "函", "函")
    return facts | {"contact": f"联系人：{rng.choice(PEOPLE)}，联系电话：0{rng.randint(400, 999)}-{_n(rng)}"}, fields


def circular(rng: random.Random) -> Facts:
    """通报 as it was printed before 2012: a star in the rule, subject words, the number under the letterhead."""
    facts, fields = _official(rng, "通报", rng.choice(("", "办", "党")) + "发")
    return facts | {"subject": "综合　通报", "star": True}, fields


def approval(rng: random.Random) -> Facts:
    """批复: the issuer's name begins the title; one addressee."""
    return _official(rng, "批复", rng.choice(("复", "函")), named=True)


def notice(rng: random.Random) -> Facts:
    """通知 of a unit within a house, without letterhead and number."""
    facts, fields = _official(rng, "通知", "")
    name = rng.choice(("党委宣传部", "计划财务科", "后勤服务中心", "教务处", "团委", "设备动力部", "法律事务室"))
    return facts | {"signers": [name], "head": ""}, fields | {"issuer": name, "document_number": ""}


def appointment(rng: random.Random) -> Facts:
    """任免 with a red head without 文件."""
    facts, fields = _official(rng, "通知", "任")
    title = f"关于{rng.choice(PEOPLE)}等同志{rng.choice(('任职', '职务任免', '免职退休'))}的通知"
    return facts | {"title": title, "suffix": ""}, fields | {"title": title}


def report(rng: random.Random) -> Facts:
    """报告 to a superior: number at the left, 签发人 at the right, urgency and secrecy in the corner."""
    facts, fields = _official(rng, "报告", "报")
    urgency = rng.choice(("特急", "加急", ""))
    return facts | {"approver": rng.choice(PEOPLE), "urgency": urgency}, fields | {"urgency": urgency}


def joint(rng: random.Random) -> Facts:
    """Two issuers one above the other, 文件 beside them; they sign side by side."""
    facts, fields = _official(rng, rng.choice(("通知", "意见")), "联发")
    names = [fields["issuer"], _issuer(rng)[0]]
    return facts | {"signers": names, "heads": names}, fields | {"issuer": "；".join(names)}


def announcement(rng: random.Random) -> Facts:
    """公告 numbered within its year."""
    facts, fields = _official(rng, "公告", "")
    number = f"{facts['year']}年第{rng.randint(1, 30)}号"
    head = f"{fields['issuer']}公告"
    return facts | {"head": head, "suffix": "", "number": number, "addressee": ""}, fields | {
        "document_number": number,
        "addressee": "",
    }


def old_number(rng: random.Random) -> Facts:
    """As offices wrote before 1990: the year in short before the sign, numerals in the date."""
    facts, fields = _official(rng, rng.choice(("通知", "报告")), "", first=1962, last=1989)
    sign = f"{fields['issuer'][0]}{rng.choice(('革', '经', '人'))}字第{rng.randint(1, 150)}号"
    short = f"{facts['year'] % 100}"
    number = f"〔{short}〕{sign}"
    printed = f"（{short}）{sign}"
    return facts | {"number": printed, "spread": True}, fields | {"document_number": number}


def minutes(rng: random.Random) -> Facts:
    """纪要 with its labelled head: time, place, who was there. The issuer stands in the title alone."""
    name, day = _issuer(rng)[0], _day(rng)
    title = (
        f"{name}{day.year}年第{_counted(rng.randint(1, 12))}次{rng.choice(('院务会议', '主任办公会', '班子会议'))}纪要"
    )
    facts = {
        "layout": "minutes",
        "title": title,
        "time": f"{day.year}年{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）上午9时",
        "people": rng.sample(PEOPLE, 6),
        "place": f"{rng.randint(2, 9)}楼会议室",
        "paragraphs": _paragraphs(rng, 3, 6),
    }
    return facts, {"title": title, "document_number": "", "date": f"{day:%Y%m%d}", "addressee": ""}


def bulletin(rng: random.Random) -> Facts:
    """简报: a head with the issue below it, editor and date between rules."""
    name, day = _issuer(rng)[0], _day(rng)
    title = f"{rng.choice(('平安建设', '招商引资', '志愿服务', '节能降耗'))}{rng.choice(('简报', '工作动态'))}"
    number = f"第{rng.randint(1, 48)}期"
    editor = f"{name}办公室" if not name.endswith(("办公室", "部")) else name
    facts = {
        "layout": "bulletin",
        "title": title,
        "number": number,
        "editor": editor,
        "date": _written(rng, day),
        "paragraphs": _paragraphs(rng, 3, 5),
        "item": f"我区{rng.choice(MATTERS)}",
    }
    return facts, {"title": title, "document_number": number, "date": f"{day:%Y%m%d}", "issuer": editor}


def contract(rng: random.Random) -> Facts:
    """A contract: its number above the title, the parties sign in two columns."""
    first, second, day = _issuer(rng)[0], _issuer(rng)[0], _day(rng)
    title = rng.choice(
        ("软件系统运行维护合同", "食堂承包经营合同", "苗木购销合同", "法律顾问服务协议", "场地租赁协议书")
    )
    number = f"{''.join(rng.sample('ABCDFGHJKLMNQRSTWXYZ', 3))}{day.year}{rng.randint(1, 999):04}"
    roles = rng.choice((("甲方", "乙方"), ("甲方（出租方）", "乙方（承租方）"), ("委托方（甲方）", "受托方（乙方）")))
    facts = {
        "layout": "contract",
        "title": title,
        "number": number,
        "parties": [first, second],
        "roles": roles,
        "date": f"{day.year}年{day.month}月{day.day}日",
        "people": rng.sample(PEOPLE, 2),
        "paragraphs": _paragraphs(rng, 5, 8),
    }
    fields = {"title": title, "document_number": number, "date": f"{day:%Y%m%d}", "issuer": first, "addressee": ""}
    return facts, fields


def taiwan(rng: random.Random) -> Facts:
    """函 of Taiwan: file number and keeping at the upper right, each part with its name."""
    name, day = rng.choice(TAIWAN), _day(rng, 2001, 2024)
    to = rng.choice([one for one in TAIWAN if one != name])
    purpose = f"有關貴單位{rng.choice(TAIWAN_MATTERS)}乙案，復如說明，請查照"
    number = f"{name[:2]}{rng.choice(('總', '秘', '行'))}字第{day.year - 1911}{rng.randint(1, 999999):07}號"
    facts = {
        "layout": "taiwan",
        "name": name,
        "to": to,
        "purpose": purpose,
        "number": number,
        "date": f"中華民國{day.year - 1911}年{day.month}月{day.day}日",
        "urgency": rng.choice(("普通件", "速件")),
        "paragraphs": rng.sample(OLD_SENTENCES, 2),
    }
    fields = {"title": purpose, "document_number": number, "date": f"{day:%Y%m%d}", "issuer": name, "addressee": to}
    return facts, fields


def hong_kong(rng: random.Random) -> Facts:
    """A letter of Hong Kong: head in both languages, reference, date at the left, subject underlined."""
    (name, english), day = rng.choice(HONG_KONG), _day(rng, 1990, 2024)
    title = f"關於{rng.choice(TAIWAN_MATTERS)}事宜"
    facts = {
        "layout": "hong_kong",
        "name": name,
        "english": english,
        "title": title,
        "to": "各分區辦事處主任",
        "date": rng.choice(
            (
                f"{day.year}年{day.month}月{day.day}日",
                f"{_spelt(day.year)}年{_counted(day.month)}月{_counted(day.day)}日",
            )
        ),
        "paragraphs": rng.sample(OLD_SENTENCES, 3),
    }
    return facts, {"title": title, "document_number": "", "date": f"{day:%Y%m%d}", "issuer": name}


def vertical(rng: random.Random) -> Facts:
    """呈 in columns from the right: who writes and when stands in the last ones."""
    name, day = rng.choice(TAIWAN), _day(rng, 1928, 1975)
    year = day.year - 1911
    date = f"中華民國{_counted(year)}年{_counted(day.month)}月{_counted(day.day)}日"
    facts = {
        "layout": "vertical",
        "columns": ["呈為" + rng.choice(TAIWAN_MATTERS) + "事", *OLD_SENTENCES, "謹呈", name, date],
    }
    return facts, {"date": f"{day:%Y%m%d}", "issuer": name}


WRITERS = (
    letter, circular, approval, notice, minutes, report, joint, contract, announcement, taiwan, appointment, old_number,
    bulletin, hong_kong, notice, vertical, letter, report, approval, joint,
)  # fmt: skip


def _official(
    rng: random.Random, kind: str, sign: str, *, named: bool = False, first: int = 1991, last: int = 2025
) -> Facts:
    (name, code), day = _issuer(rng), _day(rng, first, last)
    title = (name if named else "") + f"关于{'同意' if kind == '批复' else ''}{rng.choice(MATTERS)}的{kind}"
    several = ("各有关单位", "机关各处室、各二级机构", "各镇（街道）、各园区", "公司所属各单位、各控股企业")
    addressee = _issuer(rng)[0] if kind in {"函", "批复", "报告"} else rng.choice(several)
    running = rng.randint(1, 99)
    facts = {
        "layout": "official",
        "head": name,
        "suffix": "文件" if kind != "函" else "",
        "number": f"{code}{sign}〔{day.year}〕{running}号" if sign else "",
        "title": title,
        "addressee": addressee,
        "signers": [name],
        "date": _written(rng, day),
        "year": day.year,
        "letter": kind == "函",
        "paragraphs": _paragraphs(rng, 2, 7),
        "sealed": rng.random() < 0.8,
        "annex": rng.choice(("", "", "任务分解表", "调查问卷（样式）")),
        "copies": rng.choice(("", f"{_issuer(rng)[0]}，{_issuer(rng)[0]}")) if kind != "函" else "",
        "printed": "{0.year}年{0.month}月{0.day}日".format(day + datetime.timedelta(days=rng.randint(0, 4))),
    }
    fields = {
        "title": title,
        "document_number": str(facts["number"]),
        "date": f"{day:%Y%m%d}",
        "issuer": name,
        "addressee": addressee,
    }
    return facts, fields


def _issuer(rng: random.Random) -> tuple[str, str]:
    town, (office, sign) = rng.choice(TOWNS), rng.choice(OFFICES)
    return town + office, town[0] + sign


def _day(rng: random.Random, first: int = 1991, last: int = 2025) -> datetime.date:
    return datetime.date(first, 1, 1) + datetime.timedelta(days=rng.randrange(365 * (last - first + 1)))


def _paragraphs(rng: random.Random, least: int, most: int) -> list[str]:
    return ["".join(rng.sample(SENTENCES, 2)).replace("{n}", _n(rng)) for _ in range(rng.randint(least, most))]


def _n(rng: random.Random) -> str:
    return str(rng.randint(3, 8000))


def _written(rng: random.Random, day: datetime.date) -> str:
    if day.year < 2013 and rng.random() < 0.6:
        return f"{_spelt(day.year)}年{_counted(day.month)}月{_counted(day.day)}日"
    return f"{day.year}年{day.month}月{day.day}日"


def _spelt(year: int) -> str:
    return "".join(NUMERALS[int(digit)] for digit in str(year))


def _counted(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (NUMERALS[tens] if tens > 1 else "") + ("十" if tens else "") + (NUMERALS[ones] if ones else "")
