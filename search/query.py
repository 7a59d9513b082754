"""What a person types, as a small tree. Forgiving where the meaning is clear; where it is not, it says which place.

工作总结 2021                 both words (AND is understood, and may be written)
"工作总结"  “…”  「…」         exactly this
总结 OR 计划                  either (also |)
总结 -草稿   总结 NOT 草稿      the first, without the second
(总结 OR 计划) 2021           brackets
题名:总结  责任者:综合办公室      in one field, see FIELDS; also title: issuer: …
文号:国办发〔2021〕12号         brackets of a document number as they come: 〔〕 [] () 【】
年度:2021  年度:2019..2021    a year, a range of years; either end may be open
档号:Z109-WS·2021*           the beginning of a code or document number
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from search.errors import QuerySyntaxError
from search.text import fold, phrase_tokens, units

__all__ = ["FIELDS", "All", "Any", "Everything", "Not", "Phrase", "Query", "Years", "parse_query", "phrases", "pieces"]

#: Names a person may write before a colon, and the field each means. Variants, case and width do not matter.
FIELDS: Final = {
    **dict.fromkeys(("题名", "标题", "title"), "title"),
    **dict.fromkeys(("文号", "发文字号", "文件编号", "number"), "document_number"),
    **dict.fromkeys(("责任者", "发文机关", "发文机构", "issuer", "author"), "issuer"),
    **dict.fromkeys(("档号", "code"), "code"),
    **dict.fromkeys(("全文", "正文", "内文", "text"), "text"),
    **dict.fromkeys(("年度", "年份", "year"), "year"),
}

#: The years a range with an open end reaches.
FIRST_YEAR, LAST_YEAR = 1000, 2999

_FIELD_OF = {fold(name): field for name, field in FIELDS.items()}
_MAX_UNITS = 256
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty query."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """These units one after the other, in `field` or anywhere; `wildcard`: the last may go on."""

    text: str
    field: str = ""
    wildcard: bool = False


@dataclass(frozen=True, slots=True)
class Years:
    """A year from `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the part does not match."""

    part: "Query"


Query: TypeAlias = Everything | Phrase | Years | All | Any | Not


def parse_query(text: str) -> Query:
    """Understand what a person typed.

    Raises QuerySyntaxError with reason `operand-missing` (nothing after AND, OR, NOT), `field-empty` (nothing after
    题名:), `year-wrong` (年度: wants 2021 or 2019..2021), `nothing-to-find` (signs only), `too-long`, `too-deep`.
    """
    if not text.strip().strip("*＊"):
        return Everything()
    if len(units(text)) > _MAX_UNITS:
        raise QuerySyntaxError("too-long", 0)
    query = _Parser(text).parse()
    if query is None:
        raise QuerySyntaxError("nothing-to-find", 0)
    return query


def phrases(query: Query) -> Iterator[Phrase]:
    """The phrases that make a record match; none of those that are excluded."""
    match query:
        case Phrase():
            yield query
        case All(parts) | Any(parts):
            for part in parts:
                yield from phrases(part)
        case Everything() | Years() | Not():
            return


def pieces(phrase: Phrase) -> list[Phrase]:
    """The tokens of a phrase, each to be looked for alone: of what is nowhere as a whole, most may be somewhere."""
    tokens, _ = phrase_tokens(units(phrase.text))
    return [Phrase(token, phrase.field) for token in dict.fromkeys(tokens)]


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of the input: its kind is `field` or the name of a group of `_WORD`."""

    kind: str
    text: str
    position: int


_OPEN, _CLOSE = r"[\[(（〔【［〈]", r"[\])）〕】］〉]"
_FIELD = re.compile(r"([^\W\d_]+)\s?[:：]\s*")
_WORD = re.compile(
    rf"""
      (?P<minus>  [-－] (?=[^\s-]) | NOT (?=[\s(（"“「『]|$) )
    | (?P<or>     OR (?=[\s(（"“「『]|$) | [|｜]+ )
    | (?P<and>    AND (?=[\s(（"“「『]|$) )
    | (?P<quoted> "[^"]*"? | “[^”]*”? | 「[^」]*」? | 『[^』]*』? )
    | (?P<number> [^\s"“「『|｜()（）]*? {_OPEN}\s*\d{{4}}\s*{_CLOSE} \s*第?\s* \d[^\s"“「『|｜()（）]* )
    | (?P<open>   [(（] )
    | (?P<close>  [)）] )
    | (?P<word>   (?: {_OPEN}[^\s()（）]*{_CLOSE} | [^\s"“「『|｜()（）] )+ )
    """,
    re.VERBOSE,
)
_BLANK = re.compile(r"\s*")
_YEARS = re.compile(r"(?:(\d{4})年?)?(?:(\.\.|[-~－～—–至到])(?:(\d{4})年?)?)?")


def _words(text: str) -> Iterator[_Word]:
    """The input word by word. A name before a colon is a field only if it is one of ours."""
    position = _end(_BLANK, text, 0)
    while position < len(text):
        name = _FIELD.match(text, position)
        if name is not None and fold(name.group(1)) in _FIELD_OF:
            yield _Word("field", _FIELD_OF[fold(name.group(1))], position)
            position = name.end()
            continue
        word = _WORD.match(text, position)
        if word is not None:
            yield _Word(str(word.lastgroup), word.group(), position)
        position = _end(_BLANK, text, word.end() if word else position + 1)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


class _Parser:
    """Reads words by descent: alternatives of conjunctions of exclusions of single things.

    A part that has nothing to be found in it (signs only) is None and left out.
    """

    def __init__(self, text: str) -> None:
        self._words = [*_words(text), _Word("end", "", len(text))]
        self._next = 0
        self._depth = 0

    def parse(self) -> Query | None:
        """The whole input. A closing bracket that none opened is passed over."""
        self._words = [word for word, extra in zip(self._words, self._extra_brackets(), strict=True) if not extra]
        return self._alternatives("")

    def _extra_brackets(self) -> Iterator[bool]:
        depth = 0
        for word in self._words:
            yield word.kind == "close" and depth == 0
            depth = max(0, depth + {"open": 1, "close": -1}.get(word.kind, 0))

    def _alternatives(self, field: str) -> Query | None:
        parts = [self._conjunction(field)]
        while self._take("or"):
            parts.append(self._conjunction(field))
        return _joined(Any, parts)

    def _conjunction(self, field: str) -> Query | None:
        parts = [self._exclusion(field)]
        while self._take("and") or self._peek().kind not in {"or", "close", "end"}:
            parts.append(self._exclusion(field))
        return _joined(All, parts)

    def _exclusion(self, field: str) -> Query | None:
        if not self._take("minus"):
            return self._single(field)
        part = self._nested(lambda: self._exclusion(field))
        return Not(part) if part is not None else None

    def _single(self, field: str) -> Query | None:
        word = self._peek()
        if word.kind in {"or", "and", "close", "end"}:
            raise QuerySyntaxError("operand-missing", word.position)
        self._next += 1
        if word.kind == "field":
            return self._in_field(word)
        if word.kind == "open":
            return self._nested(lambda: self._bracket(field))
        return _years(word) if field == "year" else _phrase(word, field)

    def _in_field(self, name: _Word) -> Query | None:
        if self._peek().kind not in {"open", "quoted", "number", "word"}:
            raise QuerySyntaxError("field-empty", name.position)
        return self._single(name.text)

    def _bracket(self, field: str) -> Query | None:
        inner = self._alternatives(field)
        self._take("close")
        return inner

    def _nested(self, read: Callable[[], Query | None]) -> Query | None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise QuerySyntaxError("too-deep", self._peek().position)
        inner = read()
        self._depth -= 1
        return inner

    def _peek(self) -> _Word:
        return self._words[self._next]

    def _take(self, kind: str) -> bool:
        taken = self._peek().kind == kind
        self._next += taken
        return taken


def _joined(kind: type[All] | type[Any], parts: list[Query | None]) -> Query | None:
    found = tuple(part for part in parts if part is not None)
    return kind(found) if len(found) > 1 else found[0] if found else None


def _phrase(word: _Word, field: str) -> Query | None:
    wildcard = word.kind != "quoted" and word.text.endswith(("*", "＊"))
    return Phrase(word.text, field, wildcard) if units(word.text) else None


def _years(word: _Word) -> Query:
    found = _YEARS.fullmatch(word.text.strip('"“”「」『』'))
    if found is None or not (found[1] or found[3]):
        raise QuerySyntaxError("year-wrong", word.position)
    first = int(found[1] or FIRST_YEAR)
    last = int(found[3] or LAST_YEAR) if found[2] else first
    if first > last:
        raise QuerySyntaxError("year-wrong", word.position)
    return Years(first, last)
