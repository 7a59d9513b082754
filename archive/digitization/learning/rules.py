"""What a correction teaches of an issuer, and what follows from that for its next document. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.digitization.fields import DraftFields
from archive.digitization.learning.models import IssuerRule, Taught

__all__ = ["Lesson", "applied", "issuer_key", "lessons", "note_of"]

#: a document number: the sign of the issuer, then the year in its brackets and the rest
_NUMBER = re.compile(r"(?P<code>[^〔〕]*)(?P<rest>〔\d{2,4}〕.+)")
#: fields of the form that are taken over as they are
_WHOLE = {"unit_id": Taught.UNIT, "retention": Taught.RETENTION, "control": Taught.CONTROL}
#: what a rule is about -> field of the form
_FIELDS = {
    Taught.ISSUER: "issuer",
    Taught.UNIT: "unit_id",
    Taught.RETENTION: "retention",
    Taught.CONTROL: "control",
    Taught.CARRIER: "electronic_only",
    Taught.NUMBER_CODE: "document_number",
    Taught.TITLE_PREFIX: "title",
}
_MOST = 200


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one document says: instead of `read` it is `value`. Not new where the two are the same."""

    taught: Taught
    read: str
    value: str

    @property
    def is_new(self) -> bool:
        """Whether something was corrected; else it can only contradict what was learnt before."""
        return self.read != self.value


def issuer_key(proposals: Iterable[Mapping[str, Any]]) -> str:
    """The issuer as it was read, folded so that signs of other width and blanks make no difference; "" if none was."""
    read = _read(proposals, "issuer")
    return "".join(unicodedata.normalize("NFKC", read).split())[:_MOST]


def lessons(proposals: Sequence[Mapping[str, Any]], fields: DraftFields, typed: Collection[str]) -> Iterator[Lesson]:
    """What a person's corrections say. `proposals`: what was read; `fields`: as accepted; `typed`: those he changed.

    Only what holds for further documents: names, signs and choices, never words of a title.
    """
    read = _read(proposals, "issuer")
    if "issuer" in typed and fields.issuer:
        yield Lesson(Taught.ISSUER, "", "" if fields.issuer == read else fields.issuer)
    for name, taught in _WHOLE.items():
        if name in typed:
            yield Lesson(taught, "", getattr(fields, name))
    if "electronic_only" in typed:
        yield Lesson(Taught.CARRIER, "", _carrier(electronic_only=fields.electronic_only))
    if "document_number" in typed:
        yield from _of_number(_read(proposals, "document_number"), fields.document_number)
    if "title" in typed:
        yield from _of_title(_read(proposals, "title"), fields.title, (read, fields.issuer))


def applied(
    rules: Iterable[IssuerRule], fields: DraftFields, typed: Collection[str]
) -> tuple[DraftFields, list[dict[str, Any]]]:
    """The fields as the rules would have them, but for those a person typed; and a note for each that changed one."""
    notes = []
    for rule in rules:
        name = _FIELDS[rule.taught]
        value = _changed(rule, fields)
        if rule.applies and name not in typed and value != getattr(fields, name):
            fields = DraftFields.from_json(fields.to_json() | {name: value})
            notes.append(note_of(rule, name, value))
    return fields, notes


def note_of(rule: IssuerRule, field: str, value: object) -> dict[str, Any]:
    """Stands among the proposals of a draft: it comes from no line, but from rule["id"]."""
    sure = round(1 - 1 / (2 + 2 * rule.count), 3)
    shown = _carrier(electronic_only=bool(value)) if rule.taught is Taught.CARRIER else value
    field = "carrier" if rule.taught is Taught.CARRIER else field
    return {
        "field": field,
        "value": shown,
        "confidence": sure,
        "page": None,
        "line": None,
        "lines": 1,
        "rule": rule.id,
    }


def _of_number(read: str, accepted: str) -> Iterator[Lesson]:
    """The sign of the issuer, where nothing else of the number was corrected."""
    ours, theirs = _NUMBER.fullmatch(read), _NUMBER.fullmatch(accepted)
    if ours and theirs and ours["rest"] == theirs["rest"]:
        yield Lesson(Taught.NUMBER_CODE, ours["code"], theirs["code"])


def _of_title(read: str, accepted: str, names: tuple[str, ...]) -> Iterator[Lesson]:
    """Whether the issuer's name stands before the title, where nothing else of it was corrected."""
    for name in {name for name in names if name}:
        if read == name + accepted:
            yield Lesson(Taught.TITLE_PREFIX, name, "")
        elif accepted == name + read:
            yield Lesson(Taught.TITLE_PREFIX, "", name)
        elif accepted == read:
            held = name if read.startswith(name) else ""
            yield Lesson(Taught.TITLE_PREFIX, held, held)


def _changed(rule: IssuerRule, fields: DraftFields) -> object:
    match rule.taught:
        case Taught.NUMBER_CODE:
            number = _NUMBER.fullmatch(fields.document_number)
            fits = number is not None and number["code"] == rule.read
            return rule.value + number["rest"] if number and fits else fields.document_number
        case Taught.TITLE_PREFIX:
            return _retitled(rule, fields.title)
        case Taught.CARRIER:
            return rule.value == _carrier(electronic_only=True)
        case Taught.ISSUER:
            return rule.value or fields.issuer
        case _:
            return rule.value


def _retitled(rule: IssuerRule, title: str) -> str:
    if rule.read:
        bare = title.removeprefix(rule.read)
        return rule.value + bare if bare else title
    return title if title.startswith(rule.value) else rule.value + title


def _carrier(*, electronic_only: bool) -> str:
    """As the form has it."""
    return "electronic" if electronic_only else "paper"


def _read(proposals: Iterable[Mapping[str, Any]], field: str) -> str:
    """What was read of a field; what came from a rule was not."""
    values = (str(one["value"]).strip() for one in proposals if one["field"] == field and "rule" not in one)
    return next(values, "")
