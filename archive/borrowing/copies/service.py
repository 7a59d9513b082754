"""Making, checking, handing over and voiding copies, extracts and certificates. 复制、摘录、证明."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.copies.codes import new_code
from archive.borrowing.copies.models import CopyKind, CopyPart, CopyState, IssuedCopy
from archive.borrowing.copies.rules import KINDS, check_desk, check_second, follows
from archive.borrowing.models import LineState, RequestLine
from archive.catalogue.models import Item
from archive.catalogue.service import CatalogueService, facts
from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.guard import Act, Guard
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import notify
from archive.platform.page_ranges import covers, page_ranges

__all__ = ["CopyService", "Sentence", "page_numbers"]

_PREFIXES = {CopyKind.COPY: "复", CopyKind.EXTRACT: "摘", CopyKind.CERTIFICATE: "证"}
_MOST_PAGES = 500
_MOST_SENTENCES = 50
_LONGEST = {"heading": 200, "text": 2000, "receiver": 100, "reason": 500}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, and the page of a record that it rests on."""

    text: str
    item_id: str
    page: int


class CopyService:
    """Papers made from records, in the caller's transaction. `zone` fixes the year in their numbers."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone

    def draft_copy(self, line_id: str, person: Person, pages: str) -> IssuedCopy:
        """Begin a copy of pages (`1-3,7`; empty: all that are approved) for an approved line.

        Raises NotFoundError, ForbiddenError, ConflictError, InvalidError (field `pages`).
        """
        line = self._approved(line_id, person, CopyKind.COPY)
        made = self._draft(CopyKind.COPY, person, line)
        self._reproduce(made, line.item, pages or line.pages)
        return self._begun(made)

    def draft_text(
        self, line_id: str, person: Person, kind: CopyKind, heading: str, sentences: Sequence[Sentence]
    ) -> IssuedCopy:
        """Begin an extract or a certificate for an approved line; every sentence names the page it rests on.

        Raises NotFoundError, ForbiddenError, ConflictError, InvalidError (field).
        """
        line = self._approved(line_id, person, kind)
        made = self._draft(kind, person, line)
        self._write(made, heading, sentences)
        return self._begun(made)

    def revise(self, copy_id: str, person: Person, heading: str, sentences: Sequence[Sentence]) -> IssuedCopy:
        """Write a draft anew; only its writer. Raises as `draft_text`."""
        made = self._locked(copy_id, person)
        if made.state is not CopyState.DRAFT or made.kind is CopyKind.COPY:
            raise ConflictError(_("已核对的文字不能修改；有误请作废后重新起草。"))
        if made.writer_id != person.id:
            raise ForbiddenError(_("只有起草人可以修改草稿。"))
        made.parts.clear()
        self._session.flush()
        self._write(made, heading, sentences)
        self._record(AuditAction.COPY_REVISED, made)
        return made

    def check(self, copy_id: str, person: Person) -> IssuedCopy:
        """Say that it was compared with the original, page by page; it gets its number and its code.

        Raises NotFoundError, ForbiddenError, ConflictError.
        """
        made = self._locked(copy_id, person)
        check_second(made.kind, facts_of(person), made.writer_id, made.applicant_id)
        state = follows(made.state, CopyState.CHECKED)
        self._expect_known(made, person)
        if made.line is not None and made.line.state is not LineState.APPROVED:
            raise ConflictError(_("这项申请的批准已经撤回，不能再制作；请放弃草稿。"))
        number = self._next_number(made.kind)
        made.state, made.number, made.code = state, number, new_code()
        made.checked_by, made.checked_at = person.id, self._clock()
        self._session.flush()
        self._record(AuditAction.COPY_CHECKED, made, number=made.number)
        return made

    def stored(self, copy_id: str, sha256: str, page_count: int) -> IssuedCopy:
        """Say which PDF it is; the first word counts. The applicant hears that it is ready."""
        made = self._find(copy_id)
        if made.sha256 is None:
            made.sha256, made.page_count = sha256, page_count
            self._record(AuditAction.COPY_STORED, made, number=made.number, digests=[sha256])
            notify(
                self._session,
                self._clock,
                [made.applicant_id],
                NoticeKind.COPY_READY,
                f"/requests/{made.line.request_id}" if made.line else "/requests",
                number=made.number or "",
            )
        return made

    def printed(self, copy_id: str, person: Person) -> IssuedCopy:
        """Count a print; the paper is the same, under the same number. Raises ConflictError: void, or not made yet."""
        made = self._locked(copy_id, person)
        if made.state not in {CopyState.CHECKED, CopyState.ISSUED} or made.sha256 is None:
            raise ConflictError(_("只有已核对且未作废的才能打印。"))
        self._expect_known(made, person)
        made.prints += 1
        self._record(AuditAction.COPY_PRINTED, made, number=made.number, prints=made.prints)
        return made

    def hand_over(self, copy_id: str, person: Person, receiver: str, sheets: int) -> IssuedCopy:
        """Register that `receiver` took it, on so many sheets. Raises InvalidError (field), ConflictError."""
        made = self._locked(copy_id, person)
        name = _text("receiver", receiver, _("请填写领取人。"))
        if not 1 <= sheets <= (made.page_count or 0):
            raise InvalidError(_("请填写实际交付的张数，最多 {most} 张。"), field="sheets", most=made.page_count or 0)
        state = follows(made.state, CopyState.ISSUED)
        self._expect_known(made, person)
        if made.prints == 0:
            raise ConflictError(_("还没有打印，不能交付。"))
        made.state, made.receiver, made.sheets = state, name, sheets
        made.issued_by, made.issued_at = person.id, self._clock()
        self._record(AuditAction.COPY_ISSUED, made, number=made.number, sheets=sheets)
        return made

    def void(self, copy_id: str, person: Person, reason: str) -> IssuedCopy:
        """Declare a numbered paper void; its number is never used again. Raises InvalidError, ConflictError."""
        made = self._end(copy_id, person, CopyState.VOID, _text("reason", reason, _("请写明作废的原因。")))
        self._record(AuditAction.COPY_VOIDED, made, number=made.number)
        return made

    def discard(self, copy_id: str, person: Person) -> IssuedCopy:
        """Give up a draft: it has no number yet. Raises ConflictError."""
        made = self._end(copy_id, person, CopyState.DISCARDED, "")
        self._record(AuditAction.COPY_DISCARDED, made)
        return made

    def _end(self, copy_id: str, person: Person, state: CopyState, reason: str) -> IssuedCopy:
        made = self._locked(copy_id, person)
        made.state = follows(made.state, state)
        made.ended_by, made.ended_at, made.end_reason = person.id, self._clock(), reason
        return made

    def _approved(self, line_id: str, person: Person, kind: CopyKind) -> RequestLine:
        """The line, held, if it may be carried out as this kind now."""
        check_desk(facts_of(person))
        line = self._session.get(RequestLine, line_id, with_for_update=True, populate_existing=True)
        if line is None:
            raise NotFoundError(_("没有这项申请。"))
        if line.state is not LineState.APPROVED or kind not in KINDS.get(line.asked, ()):
            raise ConflictError(_("这项申请没有批准复制或出具证明。无批不复制。"))
        if self._clock() >= line.request.ends_at:
            raise ConflictError(_("批准的时间已过，请由申请人重新申请。"))
        ended = (CopyState.VOID, CopyState.DISCARDED)
        begun = select(IssuedCopy.id).where(IssuedCopy.line_id == line.id, IssuedCopy.state.not_in(ended))
        if self._session.scalar(begun.limit(1)) is not None:
            raise ConflictError(_("这项申请已经在办理或办结；如需重做，请先作废原来的。"))
        return line

    def _draft(self, kind: CopyKind, person: Person, line: RequestLine) -> IssuedCopy:
        return IssuedCopy(
            id=new_id(),
            kind=kind,
            state=CopyState.DRAFT,
            line=line,
            applicant=line.request.reader,
            purpose=line.request.purpose,
            writer=person,
            keeper=person,
            written_at=self._clock(),
        )

    def _begun(self, made: IssuedCopy) -> IssuedCopy:
        self._session.add(made)
        self._session.flush()
        self._record(AuditAction.COPY_DRAFTED, made, kind=made.kind, line=made.line_id)
        return made

    def _reproduce(self, made: IssuedCopy, item: Item, pages: str) -> None:
        numbers = page_numbers(pages, item.page_count)
        if made.line and not all(covers(made.line.pages, number) for number in numbers):
            raise InvalidError(_("批准复制的是第 {pages} 页，不包括您填写的页。"), field="pages", pages=made.line.pages)
        if not 1 <= len(numbers) <= _MOST_PAGES:
            raise InvalidError(_("一件复制件不超过 {most} 页，请分几件办理。"), field="pages", most=_MOST_PAGES)
        for position, number in enumerate(numbers, start=1):
            made.parts.append(CopyPart(position=position, item=item, page=number))

    def _write(self, made: IssuedCopy, heading: str, sentences: Sequence[Sentence]) -> None:
        made.heading = _text("heading", heading, _("请填写标题。"))
        if not 1 <= len(sentences) <= _MOST_SENTENCES:
            raise InvalidError(_("请写一至 {most} 段文字，每段注明出处。"), field="text", most=_MOST_SENTENCES)
        for position, sentence in enumerate(sentences, start=1):
            text = _text("text", sentence.text, _("请写一至 {most} 段文字，每段注明出处。"))
            made.parts.append(
                CopyPart(position=position, item=self._source(made, sentence), page=sentence.page, text=text)
            )

    def _source(self, made: IssuedCopy, sentence: Sentence) -> Item:
        """The record a sentence rests on: the one that was approved, on a page that was."""
        line = made.line
        if line is None or sentence.item_id != line.item_id:
            raise InvalidError(_("出处应是批准的文件。"), field="page")
        if not (1 <= sentence.page <= line.item.page_count and covers(line.pages, sentence.page)):
            raise InvalidError(_("出处应是批准的页。"), field="page")
        return line.item

    def _next_number(self, kind: CopyKind) -> str:
        year = self._clock().astimezone(self._zone).year
        number = CatalogueService(self._session, self._clock, self._actor).next_number(f"copy/{kind}/{year}")
        return f"{_PREFIXES[kind]}〔{year}〕{number:04}号"

    def _expect_known(self, made: IssuedCopy, person: Person) -> None:
        """Secrecy that was raised since holds for the paper too. Raises ForbiddenError."""
        guard = Guard(self._session, self._clock)
        for item in {part.item_id: part.item for part in made.parts}.values():
            if not guard.decide(person, facts(item), Act.KNOW).allowed:
                raise ForbiddenError(_("出处的文件已不再对您开放，不能核对、打印或交付；请作废。"))

    def _locked(self, copy_id: str, person: Person) -> IssuedCopy:
        check_desk(facts_of(person))
        return self._find(copy_id)

    def _find(self, copy_id: str) -> IssuedCopy:
        made = self._session.get(IssuedCopy, copy_id, with_for_update=True, populate_existing=True)
        if made is None:
            raise NotFoundError(_("没有这件复制件、摘录或证明。"))
        return made

    def _record(self, action: AuditAction, made: IssuedCopy, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "copy", made.id, **details)


def page_numbers(pages: str, last: int) -> list[int]:
    """The pages that `1-3,7` names; empty: all of them. Raises InvalidError (field `pages`)."""
    written = page_ranges(pages, last)
    return [number for number in range(1, last + 1) if covers(written, number)]


def _text(field: str, text: str, missing: str) -> str:
    plain = " ".join(text.replace("\0", "").split())
    if not plain:
        raise InvalidError(missing, field=field, most=_MOST_SENTENCES)
    if len(plain) > _LONGEST[field]:
        raise InvalidError(_("这一栏不超过 {most} 字。"), field=field, most=_LONGEST[field])
    return plain
