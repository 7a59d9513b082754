"""Remembers what archivists correct, proposes it again, and lets them withdraw what was learnt wrongly."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.catalogue.models import Fonds
from archive.digitization.fields import DraftFields
from archive.digitization.learning.models import IssuerRule, Taught
from archive.digitization.learning.rules import Lesson, applied, issuer_key, lessons
from archive.digitization.models import Batch, Draft, DraftState
from archive.digitization.review import category_for
from archive.platform.accounts.models import Person, Role, Unit
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change
from archive.platform.errors import ForbiddenError, NotFoundError
from archive.platform.i18n import _

__all__ = ["LearningService", "follow_rules", "learn"]

#: so many waiting drafts are loaded at once
_STEP = 100


class LearningService:
    """The rules, for archivists, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def rules(self, person: Person) -> Sequence[IssuerRule]:
        """All rules, those of an issuer together. Raises ForbiddenError for who is no archivist."""
        _archivists_only(person)
        rules = self._session.scalars(select(IssuerRule)).all()
        order = list(Taught)
        return sorted(rules, key=lambda rule: (rule.fonds_id, rule.issuer, order.index(rule.taught), rule.read))

    def withdraw(self, rule_id: str, person: Person) -> None:
        """Forget a rule. Raises NotFoundError, ForbiddenError."""
        _archivists_only(person)
        rule = self._session.get(IssuerRule, rule_id)
        if rule is None:
            raise NotFoundError(_("没有这条规则，可能已被撤销。"))
        record(self._session, self._clock, self._actor, AuditAction.RULE_WITHDRAWN, "rule", rule.id, field=rule.taught)
        self._session.delete(rule)


def learn(session: Session, clock: Clock, draft: Draft) -> None:
    """Remember what an archivist corrected on a draft, in the transaction that makes it a record.

    Before that nothing of it may be kept. Waiting drafts of the issuer are proposed anew.
    """
    person = session.get_one(Person, draft.accepted_by)
    issuer = issuer_key(draft.proposals)
    found = list(lessons(draft.proposals, DraftFields.from_json(draft.fields), draft.typed))
    if not issuer or not found or Role.ARCHIVIST not in person.roles:
        return
    fonds_id = draft.batch.fonds_id
    # Of two that teach the same, the second must see the first.
    session.execute(select(Fonds.id).where(Fonds.id == fonds_id).with_for_update(key_share=True))
    known = {(rule.taught, rule.read): rule for rule in _rules(session, fonds_id, issuer)}
    for lesson in found:
        _take(session, clock, person, known.get((lesson.taught, lesson.read)), lesson, (fonds_id, issuer))
    session.flush()
    read = next(one["value"] for one in draft.proposals if one["field"] == "issuer")
    _propose_anew(session, fonds_id, issuer, {read, draft.fields["issuer"]})


def follow_rules(session: Session, draft: Draft, fields: DraftFields) -> tuple[DraftFields, list[dict[str, Any]]]:
    """The fields of a draft as its issuer's rules would have them, and a note for each that changed one."""
    rules = [rule for rule in _rules(session, draft.batch.fonds_id, issuer_key(draft.proposals)) if rule.applies]
    return applied([rule for rule in rules if _can_follow(session, draft, rule)], fields, draft.typed)


def _take(
    session: Session, clock: Clock, person: Person, rule: IssuerRule | None, lesson: Lesson, of: tuple[str, str]
) -> None:
    """The last correction wins; one that says otherwise than before makes the rule doubtful."""
    if rule is None:
        if not lesson.is_new:
            return
        fonds_id, issuer = of
        rule = IssuerRule(fonds_id=fonds_id, issuer=issuer, taught=lesson.taught, read=lesson.read, count=0)
        rule.contradicted = 0
        session.add(rule)
    elif rule.value != lesson.value:
        rule.count, rule.contradicted = 0, rule.contradicted + 1
    rule.value, rule.count = lesson.value, rule.count + 1
    rule.taught_by, rule.taught_at = person.id, clock()
    session.flush()
    actor = Actor(person.id, person.name)
    record(session, clock, actor, AuditAction.RULE_TAUGHT, "rule", rule.id, field=rule.taught)


def _propose_anew(session: Session, fonds_id: str, issuer: str, names: set[str]) -> None:
    """Apply the rules to drafts of the issuer that wait; what a person typed stays.

    The count of changes stays too: who has such a draft open may accept it as he sees it.
    """
    for draft in _waiting(session, fonds_id, names):
        if issuer_key(draft.proposals) != issuer:
            continue
        fields, notes = follow_rules(session, draft, DraftFields.from_json(draft.fields))
        if notes:
            fresh = {note["field"] for note in notes}
            kept = [one for one in draft.proposals if "rule" not in one or one["field"] not in fresh]
            values: dict[str, object] = {"fields": fields.to_json(), "proposals": [*kept, *notes]}
            if "unit_id" in fresh:
                values["unit_id"] = fields.unit_id
            unchanged = (Draft.id == draft.id, Draft.revision == draft.revision, Draft.state == DraftState.READY)
            change(session, update(Draft).where(*unchanged).values(**values))
            session.expire(draft)


def _waiting(session: Session, fonds_id: str, names: set[str]) -> Iterator[Draft]:
    wanted = select(Draft).join(Batch).where(Draft.state == DraftState.READY, Batch.fonds_id == fonds_id)
    wanted = wanted.where(Draft.fields["issuer"].as_string().in_(names)).order_by(Draft.id).limit(_STEP)
    last = ""
    while drafts := session.scalars(wanted.where(Draft.id > last)).all():
        yield from drafts
        last = drafts[-1].id


def _can_follow(session: Session, draft: Draft, rule: IssuerRule) -> bool:
    """Whether what it says is there, and no mark on the pages says otherwise."""
    match rule.taught:
        case Taught.UNIT:
            return session.get(Unit, rule.value) is not None
        case Taught.CARRIER:
            return category_for(session, draft.batch, electronic_only=rule.value == "electronic") is not None
        case Taught.CONTROL:
            return not any(one["field"] == "secrecy" for one in draft.proposals)
        case Taught.TITLE_PREFIX:
            return any(one["field"] == "title" for one in draft.proposals)
        case _:
            return True


def _rules(session: Session, fonds_id: str, issuer: str) -> Sequence[IssuerRule]:
    wanted = select(IssuerRule).where(IssuerRule.fonds_id == fonds_id, IssuerRule.issuer == issuer)
    return session.scalars(wanted.order_by(IssuerRule.id)).all()


def _archivists_only(person: Person) -> None:
    if Role.ARCHIVIST not in person.roles:
        raise ForbiddenError(_("识别规则由档案员管理。"))
