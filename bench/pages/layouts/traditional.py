"""Documents of Taiwan and Hong Kong: 函 in its sections, business letters, notices, minutes, leases, vertical text."""

from bench.pages.layouts.layout import Fields, Layout, body, day_of, signed, table_of, title
from bench.pages.press import Press
from bench.pages.words import Words, counted
from samples.paper import BLACK, LEFT, RIGHT

__all__ = ["LAYOUTS"]

BLUE = (20, 50, 110)


def _letter(page: Press, words: Words) -> Fields:
    rng, unit, day, matter = words.rng, words.issuer(), day_of(words.rng), words.matter("函達")
    page.y = 280
    page.centred(unit.name, "ming_bold", 88, rng.choice((BLACK, BLUE, BLACK)), 130)
    page.centred(
        f"{words.place()}路{rng.randint(2, 400)}號{rng.randint(2, 30)}樓　電話：{words.phone()}",
        page.body,
        44,
        pitch=90,
    )
    page.rule(BLACK, 4)
    number = f"{unit.code}字〔{day.year}〕{rng.randint(2, 300)}號"
    page.paragraph(number, indent=0)
    name = f"關於{matter.subject}{rng.choice(('的函', '之覆函', '事宜之函'))}"
    title(page, name, "ming_bold", 76)
    addressee = words.unit()
    page.paragraph(f"{addressee}：", indent=0)
    body(page, matter, face=page.body, apart=False)
    page.paragraph("耑此奉達，敬希　惠覆為荷。")
    page.paragraph("此致")
    page.paragraph("敬禮", indent=0)
    signed(page, unit.name, words.written(day), unit.name if rng.random() < 0.7 else "", 2)
    return {
        "title": name,
        "document_number": number,
        "date": f"{day:%Y%m%d}",
        "issuer": unit.name,
        "addressee": addressee,
        "urgency": "",
    }


def _sections(page: Press, words: Words) -> Fields:
    """函 as offices of Taiwan write it: 受文者, 發文日期, 發文字號, 速別, 主旨, 說明. Its subject is no title."""
    rng, unit, day, matter = words.rng, words.issuer(), day_of(words.rng, 1998), words.matter("說明")
    page.centred(f"{unit.name}　函", page.body, 92, pitch=170)
    page.right(f"地址：{words.place()}路{rng.randint(2, 400)}號", 0)
    page.right(f"承辦人：{words.person()}　電話：{words.phone()}", 0)
    addressee = words.unit()
    page.paragraph(f"受文者：{addressee}", indent=0)
    page.paragraph(f"發文日期：中華民國{day.year - 1911}年{day.month}月{day.day}日", indent=0)
    number = f"{unit.code}字第{day.year - 1911}{rng.randint(1000, 99999):07}號"
    page.paragraph(f"發文字號：{number}", indent=0)
    urgency = rng.choice(("普通件", "速件", "最速件"))
    page.paragraph(f"速別：{urgency}", indent=0)
    page.paragraph("附件：如說明二", indent=0)
    page.paragraph(f"主旨：有關{matter.subject}一案，請　查照。", indent=0)
    page.paragraph("說明：", indent=0)
    for mark, (_heading, text) in zip("一二三四", matter.paragraphs, strict=False):
        page.paragraph(f"{mark}、{text}")
    page.paragraph(f"正本：{addressee}", indent=0)
    page.paragraph(f"副本：{words.unit()}", indent=0)
    return {"document_number": number, "date": f"{day:%Y%m%d}", "issuer": unit.name, "addressee": addressee}


def _notice(page: Press, words: Words) -> Fields:
    unit, day, matter = words.issuer(), day_of(words.rng), words.matter("公告")
    name = f"關於{matter.subject}的公告"
    title(page, name, "ming_bold")
    body(page, matter, face="ming_bold", apart=True)
    page.paragraph("特此公告。")
    signed(page, unit.name, words.written(day), unit.name)
    return {
        "title": name,
        "document_number": "",
        "date": f"{day:%Y%m%d}",
        "issuer": unit.name,
        "addressee": "",
        "urgency": "",
    }


def _minutes(page: Press, words: Words) -> Fields:
    unit, day, matter = words.issuer(), day_of(words.rng), words.matter("決議")
    name = f"第{words.few()}屆第{words.tens()}次董事會會議記錄"
    page.centred(unit.name, page.body, 80, pitch=130)
    page.centred(name, "ming_bold", 80, pitch=150)
    page.paragraph(f"日期：{words.written(day)}", indent=0)
    page.paragraph(f"地點：{words.place()}大樓{words.few()}樓會議室", indent=0)
    page.paragraph(f"主席：{words.person()}　　紀錄：{words.person()}", indent=0)
    page.paragraph(f"出席：{'、'.join(words.person() for _ in range(7))}", indent=0)
    for mark, (heading, text) in zip("一二三四", matter.paragraphs, strict=False):
        page.paragraph(f"{mark}、{heading}", indent=0, face="ming_bold")
        page.paragraph(text)
        page.paragraph("決議：照案通過。")
    page.paragraph(f"散會：下午{words.few()}時{words.tens()}分", indent=0)
    return {"title": name, "document_number": "", "date": f"{day:%Y%m%d}", "issuer": unit.name, "urgency": ""}


def _contract(page: Press, words: Words) -> Fields:
    rng, day, matter = words.rng, day_of(words.rng), words.matter("約定", table=True)
    name = rng.choice(("倉庫租賃契約書", "委託承運合約", "房屋租賃契約書", "工程承攬合約"))
    first, second = words.issuer().name, words.issuer().name
    number = f"{''.join(rng.choices('ABCDGHKLMNPST', k=3))}{day.year}-{rng.randint(1, 99):03}"
    page.centred(name, "ming_bold", 96, pitch=180)
    page.right(f"合約編號：{number}", 0)
    page.paragraph(f"甲方：{first}", indent=0)
    page.paragraph(f"乙方：{second}", indent=0)
    page.paragraph(f"茲因{matter.subject}，雙方同意訂立本約，條款如下：")
    for mark, (heading, text) in zip("一二三四", matter.paragraphs, strict=False):
        page.paragraph(f"第{mark}條　{heading}：{text}", indent=0)
    table_of(page, matter.rows)
    page.paragraph("本約自簽訂日起生效，壹式貳份，雙方各執乙份為憑。")
    page.paragraph(f"甲方：{first}（簽章）", indent=0)
    page.paragraph(f"乙方：{second}（簽章）", indent=0)
    page.seal(second, LEFT + 500, page.y - 300, 200)
    page.centred(f"日期：{day.year}年{day.month}月{day.day}日", page.body, page.size)
    return {
        "title": name,
        "document_number": number,
        "date": f"{day:%Y%m%d}",
        "issuer": first,
        "addressee": "",
        "urgency": "",
    }


def _list(page: Press, words: Words) -> Fields:
    unit, day, matter = words.issuer(), day_of(words.rng), words.matter("統計", table=True)
    name = f"{words.place()}{words.rng.choice(('財產清冊', '工程數量計算表', '明細表'))}"
    title(page, name, "ming_bold", 84)
    page.both(f"製表單位：{unit.name}", f"{day.year}年{day.month}月{day.day}日")
    rows = list(matter.rows)
    while len(rows) < 17:
        rows += [row for row in words.matter("統計", table=True).rows[1:] if len(row) == len(rows[0])]
    table_of(page, rows[:18])
    page.both(f"覆核：{words.person()}", f"製表：{words.person()}")
    return {"title": name, "document_number": "", "date": f"{day:%Y%m%d}", "issuer": unit.name, "urgency": ""}


def _vertical(page: Press, words: Words) -> Fields:
    """Columns from the right, as older letters and petitions were set."""
    top, bottom, step = 420.0, 3080.0, page.size * 1.9
    capacity = int((bottom - top) / (page.size * 1.06))
    x = float(RIGHT - page.size)
    matter, unit, day = words.matter("陳明"), words.issuer(), day_of(words.rng, 1930, 1979)
    texts = [
        f"為{matter.subject}呈請鑒核由",
        matter.opening,
        *(text for _, text in matter.paragraphs),
        "謹呈",
        unit.name,
    ]
    date = f"中華民國{counted(day.year - 1911)}年{counted(day.month)}月{counted(day.day)}日"
    columns = [text[start : start + capacity] for text in texts for start in range(0, len(text), capacity)]
    for column in [*columns[: int((x - LEFT) / step) - 1], date]:
        page.column(_standing(column), x, top, page.body, page.size)
        x -= step
    return {}


def _standing(text: str) -> str:
    """Vertical text has no half-width characters of western script, and no blanks."""
    digits = str.maketrans("0123456789.-", "〇一二三四五六七八九．—")
    return "".join(text.split()).translate(digits).replace("%", "％")


FACES = ("fang_tw", "ming", "kai_tw", "ming_cw", "kai_cw")
LAYOUTS = (
    Layout("letter", "traditional", _letter, FACES, size=62, pitch=108),
    Layout("sections", "traditional", _sections, FACES, size=62, pitch=112),
    Layout("notice", "traditional", _notice, FACES),
    Layout("minutes", "traditional", _minutes, FACES, size=62, pitch=106),
    Layout("contract", "traditional", _contract, FACES, size=58, pitch=104),
    Layout("list", "traditional", _list, FACES, size=54, pitch=126),
    Layout("vertical", "traditional", _vertical, FACES, size=66),
)
