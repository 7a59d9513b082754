"""Letters, memoranda, lists and minutes in English, and agreements in two languages."""

from bench.pages.layouts.layout import Fields, Layout, day_of, table_of
from bench.pages.press import Press
from bench.pages.words import EnglishWords, Words, words_in
from samples.paper import BLACK

__all__ = ["LAYOUTS"]


def _letter(page: Press, words: Words) -> Fields:
    rng, unit, day, matter = words.rng, words.issuer(), day_of(words.rng), words.matter("")
    page.y = 280
    page.centred(unit.name, "latin_bold", 84, pitch=110)
    page.centred(f"{words.tens()} {words.place()} Road, {words.place()}", page.body, 44, pitch=80)
    page.rule(BLACK, 4)
    number = f"{unit.code}/{rng.choice('ABCDE')}/{day.year}/{rng.randint(10, 900)}"
    page.paragraph(f"Our ref: {number}", indent=0)
    page.paragraph(words.written(day), indent=0)
    page.space(0.6)
    page.paragraph(f"Dear {words.person()},", indent=0)
    page.space(0.4)
    page.centred(matter.subject, "latin_bold", 58, pitch=120)
    page.paragraph(matter.opening, indent=0)
    for _heading, text in matter.paragraphs:
        page.space(0.4)
        page.paragraph(text, indent=0)
    page.space(0.4)
    page.paragraph("Yours faithfully,", indent=0)
    page.space(1.6)
    page.paragraph(_signer(words), indent=0)
    return {
        "title": matter.subject,
        "document_number": number,
        "date": f"{day:%Y%m%d}",
        "issuer": unit.name,
        "urgency": "",
    }


def _memorandum(page: Press, words: Words) -> Fields:
    """A typewritten page of an office."""
    unit, day, matter = words.issuer(), day_of(words.rng, 1958, 1992), words.matter("")
    page.centred(unit.name.upper(), page.body, page.size)
    page.centred("MEMORANDUM", page.body, page.size, pitch=150)
    for name, value in (("To", _signer(words)), ("From", _signer(words)), ("Date", words.written(day))):
        page.paragraph(f"{name}: {value}", indent=0)
    page.paragraph(f"Subject: {matter.subject}", indent=0)
    page.rule(BLACK, 3)
    page.paragraph(matter.opening, indent=0)
    for n, (heading, text) in enumerate(matter.paragraphs, 1):
        page.space(0.5)
        page.paragraph(f"{n}. {heading}. {text}", indent=0)
    return {"title": matter.subject, "document_number": "", "date": f"{day:%Y%m%d}"}


def _list(page: Press, words: Words) -> Fields:
    unit, day, matter = words.issuer(), day_of(words.rng), words.matter("", table=True)
    page.centred(unit.name, "latin_bold", 70, pitch=120)
    page.paragraph(f"Date: {words.written(day)}", indent=0)
    page.paragraph(matter.opening, indent=0)
    page.space(0.5)
    rows = list(matter.rows)
    while len(rows) < 15:
        rows += [row for row in words.matter("", table=True).rows[1:] if len(row) == len(rows[0])]
    table_of(page, rows[:16])
    page.paragraph(f"Checked by {_signer(words)}", indent=0)
    return {"document_number": "", "date": f"{day:%Y%m%d}"}


def _agreement(page: Press, words: Words) -> Fields:
    """Clauses in Chinese, each with its English below."""
    rng, day = words.rng, day_of(words.rng)
    english = words_in("english", rng)
    ours, theirs = words.issuer().name, english.issuer().name
    number = f"SC{day.year}{rng.randint(100, 999)}"
    page.centred("供货合同", "head", 92, pitch=140)
    page.centred("SUPPLY CONTRACT", "latin_bold", 70, pitch=120)
    page.paragraph(f"合同编号：{number}", indent=0)
    page.paragraph(f"甲方：{ours}", indent=0)
    page.paragraph(f"Party B: {theirs}", indent=0, face="latin")
    for (_, chinese), (_, western) in zip(words.matter("约定").paragraphs, english.matter("").paragraphs, strict=False):
        page.paragraph(chinese)
        page.paragraph(western, indent=0, face="latin")
    page.paragraph(f"日期：{day.year}年{day.month}月{day.day}日", indent=0)
    return {"title": "供货合同", "document_number": number, "date": f"{day:%Y%m%d}", "issuer": ours, "urgency": ""}


def _signer(words: Words) -> str:
    return words.signer() if isinstance(words, EnglishWords) else words.person()


LAYOUTS = (
    Layout("letter", "english", _letter, ("latin", "sans"), size=52, pitch=74),
    Layout("memorandum", "english", _memorandum, ("mono",), size=46, pitch=74),
    Layout("list", "english", _list, ("latin", "mono"), size=50, pitch=110),
    Layout("agreement", "mixed", _agreement, ("song", "fang"), size=54, pitch=84),
)
