"""Correcting the text of a page in intake by hand. What the machine read stays beside it, whatever it reads later."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import null, select, update
from sqlalchemy.orm import Session, undefer

from archive.catalogue.editing import edited
from archive.digitization.models import Draft, DraftPage, DraftState, PageState
from archive.digitization.quarantine import MarkedPage, bears_mark, is_let_through
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change
from archive.platform.errors import ConflictError
from archive.platform.guard import max_secrecy
from archive.platform.i18n import _
from ingest.context import PageText
from ingest.correction import turn_text
from ingest.official_document import propose

__all__ = ["CorrectionService", "MarkRevealedError", "seen_of", "text_of", "turn_corrected"]


class MarkRevealedError(Exception):
    """The corrected words bear a mark of state secrecy. `marked` says where; nothing was kept."""

    def __init__(self, marked: MarkedPage) -> None:
        self.marked = marked
        super().__init__("a mark of secrecy was revealed")


class CorrectionService:
    """Acts on pages of drafts that wait for review, in the caller's transaction.

    `seen` is what `seen_of` said of the page when it was shown; where it says otherwise by now, ConflictError.
    """

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def save(self, draft: Draft, page_id: str, seen: str, lines: Any) -> DraftPage:
        """Keep the lines as a person left them (see archive.catalogue.editing).

        Raises ConflictError, InvalidError, MarkRevealedError.
        """
        page = self._claim(draft, page_id, seen)
        before = _counting(page)
        after = edited(before, lines)
        marked = MarkedPage(page.batch_id, page.file_id, page.source_page + 1)
        read = propose([after])
        if bears_mark(read, max_secrecy(self._session)) and not is_let_through(self._session, marked):
            raise MarkRevealedError(marked)
        page.corrected = after.to_json()
        self._follow(draft, page, before, after)
        gone = len(before.lines) - len({line.quad for line in before.lines} & {line.quad for line in after.lines})
        changed = len(set(after.lines) - set(before.lines))
        self._record(AuditAction.DRAFT_TEXT_CORRECTED, draft, page, changed=changed, removed=gone)
        return page

    def restore(self, draft: Draft, page_id: str, seen: str) -> DraftPage:
        """Let what the machine read count again. Raises ConflictError."""
        page = self._claim(draft, page_id, seen)
        if page.corrected is None:
            return page
        before = PageText.from_json(page.corrected)
        page.corrected = null()
        self._session.flush()
        self._follow(draft, page, before, _counting(page))
        self._record(AuditAction.DRAFT_TEXT_RESTORED, draft, page)
        return page

    def _claim(self, draft: Draft, page_id: str, seen: str) -> DraftPage:
        """Lock draft and page as they are now, and make sure nobody came first."""
        self._session.refresh(draft, with_for_update=True)
        if draft.state is DraftState.RECOGNISING:
            raise ConflictError(_("这份文件的页面正在重新识别，文字没有保存。请过一会儿载入最新文字后再更正。"))
        if draft.state is not DraftState.READY:
            raise ConflictError(_("这份文件已不在待审核状态，文字没有保存。请刷新页面。"))
        wanted = select(DraftPage).where(DraftPage.id == page_id, DraftPage.draft_id == draft.id)
        wanted = wanted.options(undefer(DraftPage.content), undefer(DraftPage.corrected)).with_for_update()
        page = self._session.scalar(wanted.execution_options(populate_existing=True))
        if page is None or page.state is not PageState.DONE or page.content is None:
            raise ConflictError(_("这一页刚被移走或替换，文字没有保存。请刷新页面。"))
        if seen_of(page) != seen:
            raise ConflictError(
                _("这一页的文字刚被他人更正，或者页面被旋转、重新识别过，这次更正没有保存。请载入最新文字后再更正。")
            )
        return page

    def _follow(self, draft: Draft, page: DraftPage, before: PageText, after: PageText) -> None:
        """Keep the places of proposed values where lines came or went. No change of the draft: others may accept it."""
        moved = [_moved(one, before, after) if one["page"] == page.number else one for one in draft.proposals]
        if moved != draft.proposals:
            change(self._session, update(Draft).where(Draft.id == draft.id).values(proposals=moved))
            self._session.expire(draft, ["proposals"])

    def _record(self, action: AuditAction, draft: Draft, page: DraftPage, **counts: int) -> None:
        facts = {"batch": draft.batch_id, "page": page.number, **counts}
        record(self._session, self._clock, self._actor, action, "draft", draft.id, **facts)


def text_of(page: DraftPage) -> PageText | None:
    """What counts of a page: what a person made of it, else what the machine read, None if it was not read."""
    counts = page.corrected or page.content
    return PageText.from_json(counts) if counts else None


def seen_of(page: DraftPage) -> str:
    """Tells the page's text and position apart from what it was before."""
    text = json.dumps([page.rotation, page.corrected or page.content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def turn_corrected(corrected: Mapping[str, Any], degrees: int) -> dict[str, Any]:
    """The corrected text of a page that is turned clockwise by so many degrees more."""
    return turn_text(PageText.from_json(dict(corrected)), degrees).to_json()


def _counting(page: DraftPage) -> PageText:
    text = text_of(page)
    if text is None:
        raise ValueError("the page was not read")
    return text


def _moved(proposal: dict[str, Any], before: PageText, after: PageText) -> dict[str, Any]:
    """A proposal whose lines are where they are now; none are left if they were deleted."""
    if proposal["line"] is None:
        return proposal
    first = proposal["line"]
    held = {line.quad for line in before.lines[first : first + proposal["lines"]]}
    now = [index for index, line in enumerate(after.lines) if line.quad in held]
    return {**proposal, "line": now[0] if now else None, "lines": max(1, len(now))}
