"""Pages that were scanned before: in the same draft, in another one, or in an item that is filed."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from archive.catalogue.models import Item, ItemState, Page, PageTextVersion
from archive.catalogue.service import facts
from archive.digitization.models import Draft, DraftPage, DraftState, PageRole
from archive.digitization.review import visible_drafts
from archive.platform.accounts.models import Person
from archive.platform.guard import Act, Guard
from ingest.context import PageText
from ingest.steps.fingerprint import alike, near_beginnings, of_words, spoken

__all__ = ["TWINS", "Twin", "seen_before", "twin_findings", "twin_of"]

#: codes of what this module finds, each time anew
TWINS = ("page_doubled", "near_duplicate")
#: more say no more than that the whole draft is here already
_MOST = 20
_LIVING = (DraftState.RECOGNISING, DraftState.READY, DraftState.ACCEPTING)

#: two readings of one page have so much in common, and differ in one place at most by more than a sign
_SAME, _LONG_PLACES = 0.95, 1


@dataclass(frozen=True, slots=True)
class Twin:
    """The other page: `kind` is draft or item, `id` its id."""

    kind: str
    id: str
    page: int


def twin_findings(session: Session, draft_id: str) -> list[dict[str, Any]]:
    """For the pages of a draft that look and read like one that is here already: which. Blank pages never do."""
    wanted = select(DraftPage.id, DraftPage.number, DraftPage.fingerprint)
    wanted = wanted.where(DraftPage.draft_id == draft_id, DraftPage.role == PageRole.CONTENT)
    pages = session.execute(wanted.where(DraftPage.fingerprint != "").order_by(DraftPage.number)).all()
    findings: list[dict[str, Any]] = []
    for page_id, number, fingerprint in pages:
        if found := _twin(session, draft_id, page_id, number, fingerprint):
            code = "page_doubled" if found.id == draft_id else "near_duplicate"
            value = {"page": number, "twin_page": found.page, "kind": found.kind, "twin": found.id}
            findings.append({"code": code, "page": page_id, "value": value})
            if len(findings) == _MOST:
                break
    return findings


def twin_of(finding: dict[str, Any], session: Session, guard: Guard, person: Person) -> Twin | None:
    """Where the other page of a finding is, if this person may know of it and it is still there."""
    value = finding.get("value") or {}
    if finding["code"] not in TWINS:
        return None
    twin = Twin(value["kind"], value["twin"], value["twin_page"])
    if twin.kind == "draft":
        return twin if session.scalar(visible_drafts(person).where(Draft.id == twin.id)) else None
    item = session.get(Item, twin.id)
    may_know = item is not None and guard.decide(person, facts(item), Act.KNOW).allowed
    return twin if may_know else None


def seen_before(one: str, other: str) -> bool:
    """Whether two texts are readings of one page: the same but for single signs. What was filled in differs more."""
    first, second = spoken(one), spoken(other)
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    common = sum(end - start for kind, start, end, _, _ in blocks if kind == "equal")
    if 2 * common < _SAME * (len(first) + len(second)):
        return False
    replaced = [(first[a:b], second[c:d]) for kind, a, b, c, d in blocks if kind == "replace"]
    if any(_has_digit(gone) and _has_digit(come) for gone, come in replaced):
        return False
    return sum(max(len(gone), len(come)) > 1 for gone, come in replaced) <= _LONG_PLACES


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _twin(session: Session, draft_id: str, page_id: str, number: int | None, fingerprint: str) -> Twin | None:
    ranges = {
        f"{end}{index}": beginning + filled
        for index, beginning in enumerate(near_beginnings(fingerprint))
        for end, filled in (("from", ""), ("to", "g"))
    }
    text: str | None = None
    for kind, candidates, is_living in (("draft", _DRAFTS, _is_draft_living), ("item", _ITEMS, _is_item_living)):
        for row in session.execute(candidates, ranges):
            itself = row.id == page_id or (row.owner == draft_id and row.number >= (number or 0))
            if itself or not alike(fingerprint, row.fingerprint) or not is_living(session, row.owner):
                continue
            if of_words(fingerprint):
                text = _text_of_draft(session, page_id) if text is None else text
                other = _text_of_draft(session, row.id) if kind == "draft" else _text_of_item(session, row.id)
                if not seen_before(text, other):
                    continue
            return Twin(kind, row.owner, row.number)
    return None


def _is_draft_living(session: Session, draft_id: str) -> bool:
    return session.scalar(select(Draft.state).where(Draft.id == draft_id)) in _LIVING


def _is_item_living(session: Session, item_id: str) -> bool:
    return session.scalar(select(Item.state).where(Item.id == item_id)) is not ItemState.DESTROYED


def _near(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether a fingerprint begins like the one that is sought, but for two bits: what an index finds at once."""
    count = range(sum(1 for _ in near_beginnings("0" * 16)))
    return or_(*(and_(column >= bindparam(f"from{n}"), column < bindparam(f"to{n}")) for n in count))


# From one table each: with another joined, databases begin with the wrong one.
_DRAFTS = select(DraftPage.id, DraftPage.draft_id.label("owner"), DraftPage.number, DraftPage.fingerprint).where(
    DraftPage.role == PageRole.CONTENT, DraftPage.draft_id.is_not(None), _near(DraftPage.fingerprint)
)
_ITEMS = select(Page.id, Page.item_id.label("owner"), Page.number, Page.fingerprint).where(_near(Page.fingerprint))


def _text_of_draft(session: Session, page_id: str) -> str:
    row = session.execute(select(DraftPage.corrected, DraftPage.content).where(DraftPage.id == page_id)).one()
    content = row.corrected or row.content
    return PageText.text_of_json(content) if content else ""


def _text_of_item(session: Session, page_id: str) -> str:
    readings = select(PageTextVersion.content).where(PageTextVersion.page_id == page_id)
    content = session.scalar(readings.order_by(PageTextVersion.version.desc()).limit(1))
    return PageText.text_of_json(content) if content else ""
