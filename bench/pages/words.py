"""Words at random, the same for the same seed: units, persons, places, dates, amounts, and matters made of them."""

import calendar
import datetime
import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["Matter", "Unit", "Words", "counted", "spelt", "words_in"]

TEXTS = Path(__file__).parent / "texts"
DIGITS = "〇一二三四五六七八九"
MONTHS = [calendar.month_name[n] for n in range(1, 13)]


@dataclass(frozen=True)
class Unit:
    """An issuer: its full name and the signs that begin its document numbers."""

    name: str
    code: str


@dataclass(frozen=True)
class Matter:
    """A subject with its words filled in: how it is introduced, (heading, text) in an order of its own, table rows."""

    subject: str
    opening: str
    paragraphs: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


class Words:
    """Fills the slots of texts: `words["person"]` calls `person`, and gives another one at each asking."""

    script = "simplified"
    areas: tuple[str, ...] = ("市", "县", "区")

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._verb = ""
        self._names = _names(self.script)

    def __getitem__(self, slot: str) -> str:
        return str(getattr(self, slot)())

    def matter(self, verb: str, *, table: bool = False) -> Matter:
        """A matter at random, one with a table if asked, filled in; `verb` is what the document does: 通知, 报告."""
        self._verb = verb
        chosen = self.rng.choice([matter for matter in _matters(self.script) if "rows" in matter or not table])
        paragraphs = [(heading, text.format_map(self)) for heading, text in chosen["paragraphs"]]
        self.rng.shuffle(paragraphs)
        rows = tuple(tuple(cell.format_map(self) for cell in row) for row in chosen.get("rows", ()))
        return Matter(chosen["subject"].format_map(self), chosen["opening"].format_map(self), tuple(paragraphs), rows)

    def verb(self) -> str:
        """What the document does."""
        return self._verb

    def few(self) -> str:
        """From 2 to 9."""
        return str(self.rng.randint(2, 9))

    def tens(self) -> str:
        """From 11 to 99."""
        return str(self.rng.randint(11, 99))

    def hundred(self) -> str:
        """From 101 to 980."""
        return str(self.rng.randint(101, 980))

    def number(self) -> str:
        """From 1,020 to 9,870."""
        return str(self.rng.randint(102, 987) * 10)

    def decimal(self) -> str:
        """One or two decimal places."""
        return f"{self.rng.uniform(1, 480):.{self.rng.randint(1, 2)}f}"

    def percent(self) -> str:
        """A share."""
        return f"{self.rng.uniform(1, 99):.1f}%"

    def money(self) -> str:
        """An amount."""
        return str(self.rng.randint(18, 2600))

    def year(self) -> str:
        """A year of the text, not of the document."""
        return str(self.rng.randint(1978, 2025))

    def month(self) -> str:
        """A month of no year."""
        return f"{self.rng.randint(1, 12)}月"

    def day(self) -> str:
        """A day of no month."""
        return str(self.rng.randint(1, 28))

    def date(self) -> str:
        """A day of the text."""
        return f"{self.month()}{self.day()}日"

    def phone(self) -> str:
        """A telephone number."""
        return f"0{self.rng.randint(310, 998)}-{self.rng.randint(2_000_000, 8_999_999)}"

    def person(self) -> str:
        """Surname and one or two more characters."""
        given = "".join(self.rng.choices(self._names["given"], k=self.rng.choice((1, 2, 2))))
        return str(self.rng.choice(self._names["surnames"])) + given

    def place(self) -> str:
        """A place that does not exist, mostly."""
        return "".join(self.rng.sample(self._names["places"], 2))

    def area(self) -> str:
        """What the writer calls its own area."""
        return self.rng.choice(self.areas)

    def unit(self) -> str:
        """The name of a unit."""
        return self.issuer().name

    def issuer(self) -> Unit:
        """A unit with the signs of its document numbers."""
        name, sign = self.rng.choice(self._names["units"])
        place = self.place()
        return Unit(place + name, place[0] + sign)

    def written(self, day: datetime.date) -> str:
        """The date of a document as it is written: 2014年6月3日, or 二〇〇四年六月三日 as was usual before 2012."""
        if day.year >= 2012 or self.rng.random() < 0.3:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{spelt(day.year)}年{counted(day.month)}月{counted(day.day)}日"


class TraditionalWords(Words):
    """The same for Taiwan and Hong Kong."""

    script = "traditional"
    areas = ("縣", "鎮", "市")

    def written(self, day: datetime.date) -> str:
        """See Words."""
        if self.rng.random() < 0.4:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{spelt(day.year)}年{counted(day.month)}月{counted(day.day)}日"


class EnglishWords(Words):
    """The same in English."""

    script = "english"

    def month(self) -> str:
        """See Words."""
        return self.rng.choice(MONTHS)

    def date(self) -> str:
        """See Words."""
        return f"{self.day()} {self.month()}"

    def person(self) -> str:
        """See Words."""
        title = self.rng.choice(("Mr", "Mrs", "Miss", "Dr"))
        return f"{title} {self.rng.choice('ABCDEFGHJKLMNPRSTW')}. {self.rng.choice(self._names['last'])}"

    def signer(self) -> str:
        """First and last name."""
        return f"{self.rng.choice(self._names['first'])} {self.rng.choice(self._names['last'])}"

    def place(self) -> str:
        """See Words."""
        return "".join(self.rng.choice(part) for part in self._names["places"])

    def issuer(self) -> Unit:
        """See Words."""
        name, sign = self.rng.choice(self._names["units"])
        place = self.place()
        return Unit(f"{place} {name}", place[0].upper() + sign)

    def written(self, day: datetime.date) -> str:
        """See Words."""
        month = MONTHS[day.month - 1]
        return self.rng.choice((f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}"))


def words_in(script: str, rng: random.Random) -> Words:
    """Words of a script: simplified, traditional or english."""
    return {"simplified": Words, "traditional": TraditionalWords, "english": EnglishWords}[script](rng)


def spelt(year: int) -> str:
    """2009 is 二〇〇九."""
    return "".join(DIGITS[int(digit)] for digit in str(year))


def counted(number: int) -> str:
    """21 is 二十一; up to 99."""
    tens, ones = divmod(number, 10)
    return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")


@cache
def _names(script: str) -> dict[str, Any]:
    names: dict[str, Any] = tomllib.loads((TEXTS / "names.toml").read_text("utf-8"))[script]
    return names


@cache
def _matters(script: str) -> list[dict[str, Any]]:
    matters: list[dict[str, Any]] = tomllib.loads((TEXTS / f"{script}.toml").read_text("utf-8"))["matter"]
    return matters
