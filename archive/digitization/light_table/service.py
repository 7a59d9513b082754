"""What a person does with the pages of a batch before they are filed. Each act is one transaction, and one person's."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from archive.digitization.correction import turn_corrected
from archive.digitization.light_table.rows import Place, Rows, moved, places_in, put_in, without
from archive.digitization.models import (
    RECOVERABLE,
    Batch,
    BatchFile,
    BatchState,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageRole,
    PageState,
)
from archive.digitization.naming import name_of
from archive.digitization.reading import queue_pages
from archive.digitization.reasons import EMPTIED, advice
from archive.digitization.service import AT_ONCE, TRIES
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.db import Clock, change, new_id
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.i18n import _
from archive.platform.jobs.service import JobQueue

__all__ = ["OPEN_BATCHES", "OPEN_DRAFTS", "LightTableService"]

#: what may still be arranged
OPEN_BATCHES = frozenset({BatchState.ACTIVE, BatchState.PAUSED})
OPEN_DRAFTS = frozenset({DraftState.RECOGNISING, DraftState.READY})

_FILED = frozenset({DraftState.ACCEPTING, DraftState.ACCEPTED})
_CLOSED = {
    BatchState.CANCELLED: _("这一批已取消，不能再调整页面。"),
    BatchState.QUARANTINED: _("这一批已因涉密标志隔离，不能再调整页面。"),
}
#: so many pages may be chosen for one act: databases take no more values in one statement
_MOST = 10_000
#: so many entries of the trail are asked who changed a draft
_RECENT = 500
_TURNS = frozenset({90, 180, 270})


class LightTableService:
    """Acts on pages of one batch, in the caller's transaction.

    `seen`: for each draft that an act concerns, its `arrangement` as the person saw it. Pages in none are named alone.
    Where something was changed, accepted or given up meanwhile, ConflictError says by whom, and nothing is done.
    Acts that move pages return the places these had, for `put_back`.
    """

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def move(
        self, batch: Batch, seen: Mapping[str, int], pages: Sequence[str], draft: str, before: str | None = None
    ) -> list[Place]:
        """Put pages into a draft, in this order, before one of its pages or at its end."""
        drafts, places = self._begin(batch, seen), self._places(batch, seen, pages)
        rows = self._rows(drafts)
        if draft not in rows or (before is not None and (before not in rows[draft] or before in places)):
            raise _stale()
        return self._arrange(batch, drafts, rows, moved(rows, pages, draft, before), places)

    def page_at(self, draft: str, number: int) -> str | None:
        """The page of a draft with this number, from 1; None if it has none."""
        wanted = select(DraftPage.id).where(DraftPage.draft_id == draft, DraftPage.number == number)
        return self._session.scalar(wanted)

    def gather(
        self, batch: Batch, seen: Mapping[str, int], pages: Sequence[str], after: str | None = None
    ) -> list[Place]:
        """Make a new draft of pages, behind another draft; at the head of the batch where None."""
        drafts, places = self._begin(batch, seen), self._places(batch, seen, pages)
        return self._gather(batch, drafts, self._rows(drafts), places, after)

    def split(self, batch: Batch, seen: Mapping[str, int], page: str) -> list[Place]:
        """Let a new draft begin at a page."""
        drafts, place = self._begin(batch, seen), self._place(batch, seen, page)
        rows = self._rows(drafts)
        draft, number = self._in_draft(place)
        if number == 1:
            raise InvalidError(_("这已是这一件的第一页。要拆分，请选择新的一件开始的那一页。"))
        tail = rows[draft][number - 1 :]
        places = {one: Place(one, PageRole.CONTENT, draft, n) for n, one in enumerate(tail, number)}
        return self._gather(batch, drafts, rows, places, draft)

    def merge(self, batch: Batch, seen: Mapping[str, int], into: str, other: str) -> list[Place]:
        """Put all pages of one draft behind those of another."""
        drafts = self._begin(batch, seen)
        rows = self._rows(drafts)
        if into == other or not {into, other} <= rows.keys():
            raise _stale()
        places = {one: Place(one, PageRole.CONTENT, other, n) for n, one in enumerate(rows[other], 1)}
        return self._arrange(batch, drafts, rows, moved(rows, rows[other], into, None), places)

    def rotate(self, batch: Batch, seen: Mapping[str, int], pages: Sequence[str], turn: int) -> None:
        """Turn pages clockwise by 90, 180 or 270 degrees from how they stand; they are read again so."""
        if turn not in _TURNS:
            raise InvalidError(_("提交的内容有误。"), field="turn")
        drafts, places = self._begin(batch, seen), self._places(batch, seen, pages)
        if any(place.role is PageRole.REMOVED for place in places.values()):
            raise _stale()
        self._turn_corrected(places, turn)
        turned = update(DraftPage).where(DraftPage.id.in_(places))
        turned = turned.values(rotation=(DraftPage.rotation + turn) % 360, turned_by_hand=True)
        change(self._session, turned.values(state=PageState.WAITING, reason=""))
        self._read_again(DraftPage.id.in_(places))
        touched = [draft for draft in drafts if draft.id in {place.draft for place in places.values()}]
        for draft in touched:
            draft.arrangement += 1
            draft.state, draft.reason = DraftState.RECOGNISING, ""
        self._record(AuditAction.PAGES_TURNED, batch, touched, pages=len(places), turn=turn)

    def remove(self, batch: Batch, seen: Mapping[str, int], pages: Sequence[str]) -> list[Place]:
        """Take pages out; `restore` puts them back for a while."""
        drafts, places = self._begin(batch, seen), self._places(batch, seen, pages)
        if any(place.role is PageRole.REMOVED for place in places.values()):
            raise _stale()
        rows = self._rows(drafts)
        self._lay(rows, without(rows, places))
        self._take_out(places.values(), PageRole.REMOVED)
        self._touch(drafts, rows, without(rows, places))
        concerned = [draft for draft in drafts if draft.id in {place.draft for place in places.values()}]
        self._record(AuditAction.PAGES_REMOVED, batch, concerned, pages=len(places))
        return list(places.values())

    def restore(self, batch: Batch, pages: Sequence[str]) -> None:
        """Put removed pages back where they were; where that draft is no longer open, they are a new one behind it."""
        self._begin(batch, {})
        places = self._places(batch, {}, pages)
        if any(place.role is not PageRole.REMOVED for place in places.values()):
            raise ConflictError(_("这一页已被恢复，请核对现在的样子。"))
        former = self._former(places)
        for draft_id in sorted({place.draft for place in former if place.draft is not None}):
            self._restore_into(batch, draft_id, [place for place in former if place.draft == draft_id])
        self._loosen([place for place in former if place.draft is None])
        self._record(AuditAction.PAGES_RESTORED, batch, [], pages=len(places))

    def separate(self, batch: Batch, seen: Mapping[str, int], page: str) -> list[Place]:
        """Say that a page is a sheet between items: it leaves its draft, which is split there."""
        drafts, place = self._begin(batch, seen), self._place(batch, seen, page)
        if place.draft is None and place.role is PageRole.CONTENT:
            self._take_out([place], PageRole.SEPARATOR)
            self._record(AuditAction.PAGES_ARRANGED, batch, [], pages=1)
            return [place]
        rows = self._rows(drafts)
        draft, number = self._in_draft(place)
        head, tail = rows[draft][: number - 1], rows[draft][number:]
        left = without(rows, {page})
        self._lay(rows, left)
        self._take_out([place], PageRole.SEPARATOR)
        if not head or not tail:
            self._touch(drafts, rows, left)
            self._record(AuditAction.PAGES_ARRANGED, batch, drafts, pages=1)
            return [place]
        places = {one: Place(one, PageRole.CONTENT, draft, n) for n, one in enumerate(tail, number + 1)}
        return [place, *self._gather(batch, drafts, left, places, draft)]

    def put_back(self, batch: Batch, seen: Mapping[str, int], places: Sequence[Place]) -> list[Place]:
        """Undo an act: give pages the places that it returned. Drafts that lost their last page come back with them."""
        drafts = self._begin(batch, seen, emptied=True)
        now = self._places(batch, seen, [place.page for place in places])
        if not {place.draft for place in places if place.draft is not None} <= {draft.id for draft in drafts}:
            raise _stale()
        rows = self._rows(drafts)
        after = put_in(without(rows, now), places)
        self._lay(rows, after)
        self._put(place.page for place in places if place.draft is not None)
        out = [place for place in places if place.draft is None]
        for role in (PageRole.SEPARATOR, PageRole.REMOVED):
            self._take_out([now[place.page] for place in out if place.role is role], role)
        self._loosen([place for place in out if place.role is PageRole.CONTENT])
        self._touch(drafts, rows, after)
        self._record(AuditAction.PAGES_ARRANGED, batch, drafts, pages=len(places))
        return list(now.values())

    def insert(
        self, batch: Batch, seen: Mapping[str, int], file: BatchFile, page: str, *, replace: bool
    ) -> list[Place]:
        """Put the one page of a file that was just added to the batch in the place of a page, or behind it."""
        drafts, place = self._begin(batch, seen), self._place(batch, seen, page)
        draft, number = self._in_draft(place)
        if file.state is FileState.DUPLICATE:
            raise InvalidError(_("这个文件与已有文件完全相同，没有替换。请核对是否选错了文件。"), field="file")
        if file.state is FileState.REFUSED:
            raise InvalidError(advice(file.reason), field="file")
        file.state = FileState.OPENED
        new = DraftPage(id=new_id(), batch_id=batch.id, file_id=file.id, source_page=0, placed_by_hand=True)
        self._session.add(new)
        self._session.flush()
        rows = self._rows(drafts)
        row = rows[draft]
        after = {**rows, draft: [*row[: number - replace], new.id, *row[number:]]}
        self._lay(rows, after)
        if replace:
            self._take_out([place], PageRole.REMOVED)
        self._touch(drafts, rows, after)
        self._read_again(DraftPage.id == new.id)
        self._record(AuditAction.PAGE_ADDED, batch, drafts, file=file.id, replaced=replace)
        return [Place(new.id, PageRole.REMOVED), *([place] if replace else [])]

    def discard(self, batch: Batch, seen: Mapping[str, int], draft: str) -> None:
        """Give a draft up; `restore_draft` takes it up again for a while."""
        found = next((one for one in self._begin(batch, seen) if one.id == draft), None)
        if found is None:
            raise _stale()
        found.state, found.discarded_at = DraftState.DISCARDED, self._clock()
        record(self._session, self._clock, self._actor, AuditAction.DRAFT_DISCARDED, "draft", draft, batch=batch.id)

    def restore_draft(self, batch: Batch, draft: str) -> None:
        """Take a draft up again that was given up."""
        self._begin(batch, {})
        found = self._locked([draft])
        if not found or found[0].batch_id != batch.id or found[0].state is not DraftState.DISCARDED:
            raise ConflictError(_("这一件已被恢复，请核对现在的样子。"))
        if found[0].reason == EMPTIED or not self._is_recoverable(found[0].discarded_at):
            raise _too_late()
        found[0].state, found[0].discarded_at = DraftState.RECOGNISING, None
        self._settle(found[0])
        self._read_again(DraftPage.draft_id == draft, DraftPage.state == PageState.WAITING)
        record(self._session, self._clock, self._actor, AuditAction.DRAFT_RESTORED, "draft", draft, batch=batch.id)

    # --- what was seen, and what is

    def _begin(self, batch: Batch, seen: Mapping[str, int], *, emptied: bool = False) -> list[Draft]:
        """Lock the batch and the drafts that are concerned as they are now, and make sure nobody came first."""
        self._session.refresh(batch, with_for_update=True)
        if batch.state not in OPEN_BATCHES:
            raise ConflictError(_CLOSED[batch.state])
        drafts = self._locked(seen)
        if len(drafts) != len(seen) or any(draft.batch_id != batch.id for draft in drafts):
            raise _stale()
        for draft in drafts:
            if not (emptied and draft.reason == EMPTIED and draft.arrangement == seen[draft.id]):
                self._check(draft, seen[draft.id])
        return drafts

    def _check(self, draft: Draft, arrangement: int) -> None:
        if draft.state in _FILED and draft.accepted_by:
            raise ConflictError(
                _("{name} 已验收了“{draft}”，它的页面不能再调整。"),
                name=self._session.get_one(Person, draft.accepted_by).name,
                draft=draft.name,
            )
        if draft.arrangement != arrangement or draft.state not in OPEN_DRAFTS:
            name = self._last_hand(draft)
            if name:
                raise ConflictError(
                    _("{name} 刚调整过“{draft}”，这次操作没有执行。请核对现在的样子后再操作。"),
                    name=name,
                    draft=draft.name,
                )
            raise _stale()

    def _last_hand(self, draft: Draft) -> str:
        """Who changed a draft last, by its pages or as a whole."""
        entries = select(AuditEntry).where(AuditEntry.subject_id.in_((draft.id, draft.batch_id)))
        for entry in self._session.scalars(entries.order_by(AuditEntry.id.desc()).limit(_RECENT)):
            if entry.subject_id == draft.id or draft.id in entry.details.get("drafts", ()):
                return entry.actor_name
        return ""

    def _locked(self, ids: Collection[str]) -> list[Draft]:
        found: list[Draft] = []
        for some in _portions(sorted(ids)):
            wanted = select(Draft).where(Draft.id.in_(some)).order_by(Draft.id).with_for_update()
            found += self._session.scalars(wanted, execution_options={"populate_existing": True})
        return found

    def _places(self, batch: Batch, seen: Mapping[str, int], pages: Sequence[str]) -> dict[str, Place]:
        """Where these pages are, in the order given: in drafts that were seen as they are, or in none."""
        if not pages:
            raise InvalidError(_("请先选择页面。"), field="page")
        if len(pages) > _MOST:
            raise InvalidError(_("一次最多处理 {n} 页，请分几次操作。"), field="page", n=_MOST)
        columns = select(DraftPage.id, DraftPage.role, DraftPage.draft_id, DraftPage.number)
        # Held: what reads them has nothing to say of where they are until this is done.
        wanted = columns.where(DraftPage.id.in_(pages), DraftPage.batch_id == batch.id).order_by(DraftPage.id)
        found = {row.id: Place(*row) for row in self._session.execute(wanted.with_for_update())}
        if len(found) != len(pages) or any(place.draft not in seen for place in found.values() if place.draft):
            raise _stale()
        return {page: found[page] for page in pages}

    def _place(self, batch: Batch, seen: Mapping[str, int], page: str) -> Place:
        return self._places(batch, seen, [page])[page]

    def _in_draft(self, place: Place) -> tuple[str, int]:
        if place.draft is None or place.number is None:
            raise InvalidError(_("请选择已归入某一件的页。"), field="page")
        return place.draft, place.number

    def _rows(self, drafts: Iterable[Draft]) -> dict[str, list[str]]:
        rows: dict[str, list[str]] = {draft.id: [] for draft in drafts}
        for some in _portions(list(rows)):
            wanted = select(DraftPage.draft_id, DraftPage.id).where(DraftPage.draft_id.in_(some))
            for draft, page in self._session.execute(wanted.order_by(DraftPage.draft_id, DraftPage.number)):
                rows[str(draft)].append(page)
        return rows

    # --- what becomes of it

    def _arrange(
        self, batch: Batch, drafts: list[Draft], before: Rows, after: Rows, places: Mapping[str, Place]
    ) -> list[Place]:
        self._lay(before, after)
        self._put(places)
        self._touch(drafts, before, after)
        touched = [draft for draft in drafts if before.get(draft.id) != after[draft.id]]
        self._record(AuditAction.PAGES_ARRANGED, batch, touched, pages=len(places))
        return list(places.values())

    def _gather(
        self, batch: Batch, drafts: list[Draft], rows: Rows, places: Mapping[str, Place], after: str | None
    ) -> list[Place]:
        """A new draft of these pages behind another."""
        new = self._new_draft(batch, list(places), after)
        before = {**rows, new.id: []}
        return self._arrange(batch, [*drafts, new], before, moved(before, list(places), new.id, None), places)

    def _new_draft(self, batch: Batch, pages: Sequence[str], after: str | None) -> Draft:
        wanted = select(Draft.position).where(Draft.batch_id == batch.id, Draft.id == after)
        position = (self._session.scalar(wanted) or 0) + 1 if after else 1
        behind = update(Draft).where(Draft.batch_id == batch.id)
        # Two drafts never have one position: all step aside before any takes its new one.
        change(self._session, behind.where(Draft.position >= position).values(position=-Draft.position - 1))
        change(self._session, behind.where(Draft.position < 0).values(position=-Draft.position))
        draft = Draft(id=new_id(), batch_id=batch.id, position=position, name=self._name(pages))
        draft.state, draft.arrangement = DraftState.RECOGNISING, 0
        self._session.add(draft)
        self._session.flush()
        return draft

    def _name(self, pages: Sequence[str]) -> str:
        """What a draft of these pages is called; in whichever order they stand, from where to where they are."""
        columns = select(DraftPage.id, DraftPage.file_id, BatchFile.name.label("file_name"), DraftPage.source_page)
        wanted = columns.join(BatchFile, DraftPage.file_id == BatchFile.id)
        found = [
            row for some in _portions(pages) for row in self._session.execute(wanted.where(DraftPage.id.in_(some)))
        ]
        ends = {row.id: row for row in found}
        first, last = ends[pages[0]], ends[pages[-1]]
        if first.file_id == last.file_id:
            of_file = [row for row in found if row.file_id == first.file_id]
            first, last = (end(of_file, key=lambda row: row.source_page) for end in (min, max))
        count = self._session.scalar(select(func.count()).where(DraftPage.file_id == first.file_id))
        return name_of(first, last, whole=len(pages) == count)

    def _lay(self, before: Rows, after: Rows) -> None:
        """Write the numbers that differ. Two pages never have one number: all lose theirs before any gets a new one."""
        was, now = places_in(before), places_in(after)
        changed = [page for page in chain(was, now.keys() - was.keys()) if was.get(page) != now.get(page)]
        self._write([{"id": page, "draft_id": None, "number": None} for page in changed])
        self._write([{"id": page, "draft_id": now[page][0], "number": now[page][1]} for page in changed if page in now])

    def _put(self, pages: Iterable[str]) -> None:
        """These pages are in drafts now, whatever they were."""
        values = {"role": PageRole.CONTENT, "placed_by_hand": True, "removed_at": None}
        former = {"former_draft_id": None, "former_number": None}
        self._write([{"id": page, **values, **former} for page in pages])

    def _take_out(self, places: Iterable[Place], role: PageRole) -> None:
        """These pages are in no draft now; where they were is kept."""
        values = {"role": role, "placed_by_hand": True, "removed_at": None, "draft_id": None, "number": None}
        if role is PageRole.REMOVED:
            values["removed_at"] = self._clock()
        self._write(
            [
                {"id": place.page, **values, "former_draft_id": place.draft, "former_number": place.number}
                for place in places
            ]
        )

    def _loosen(self, places: Iterable[Place]) -> None:
        """These pages belong to the batch, and to no draft yet."""
        values = {"role": PageRole.CONTENT, "removed_at": None, "draft_id": None, "number": None}
        self._write([{"id": place.page, **values} for place in places])

    def _turn_corrected(self, pages: Iterable[str], turn: int) -> None:
        """What a person made of the text of these pages turns along; the machine reads its own anew."""
        columns = select(DraftPage.id, DraftPage.corrected)
        wanted = columns.where(DraftPage.id.in_(list(pages)), DraftPage.corrected.is_not(None))
        found = self._session.execute(wanted).all()
        self._write([{"id": page, "corrected": turn_corrected(text, turn)} for page, text in found if text])

    def _write(self, values: list[dict[str, Any]]) -> None:
        if values:
            self._session.execute(update(DraftPage), values)

    def _touch(self, drafts: Iterable[Draft], before: Rows, after: Rows) -> None:
        """Have drafts whose pages changed read anew; one without pages is set aside until they come back."""
        for draft in drafts:
            if before[draft.id] == after[draft.id]:
                continue
            draft.arrangement += 1
            if after[draft.id]:
                draft.name = self._name(after[draft.id])
                draft.state, draft.reason, draft.discarded_at = DraftState.RECOGNISING, "", None
                self._settle(draft)
            else:
                draft.state, draft.reason, draft.discarded_at = DraftState.DISCARDED, EMPTIED, self._clock()
        self._session.flush()

    def _settle(self, draft: Draft) -> None:
        """Have the fields of a draft proposed anew, as soon as its pages are read."""
        JobQueue(self._session, self._clock).enqueue(
            "settle",
            {"draft": draft.id},
            key=f"settle:{draft.id}:{new_id()}",
            group=draft.batch_id,
            priority=AT_ONCE,
            max_attempts=TRIES,
        )

    def _read_again(self, *which: Any) -> None:
        """Queue the pages that wait, those that stand together in a file together."""
        queue, mark = JobQueue(self._session, self._clock), f":{new_id()}"
        pages = select(DraftPage.file_id, DraftPage.source_page).where(*which)
        runs: list[list[Any]] = []
        for file, number in self._session.execute(pages.order_by(DraftPage.file_id, DraftPage.source_page)):
            if runs and runs[-1][0] == file and runs[-1][2] == number:
                runs[-1][2] = number + 1
            else:
                runs.append([file, number, number + 1])
        for file, first, end in runs:
            queue_pages(queue, self._session.get_one(BatchFile, file), first, end, mark=mark)

    # --- putting back

    def _former(self, places: Iterable[str]) -> list[Place]:
        """Where removed pages were."""
        found: list[Place] = []
        columns = select(DraftPage.id, DraftPage.former_draft_id, DraftPage.former_number, DraftPage.removed_at)
        for page, draft, number, since in self._session.execute(columns.where(DraftPage.id.in_(list(places)))):
            if not self._is_recoverable(since):
                raise _too_late()
            found.append(Place(page, PageRole.CONTENT, draft, number))
        return found

    def _restore_into(self, batch: Batch, draft_id: str, places: list[Place]) -> None:
        drafts = self._locked([draft_id])
        rows = self._rows(drafts)
        if drafts and (drafts[0].state in OPEN_DRAFTS or drafts[0].reason == EMPTIED):
            after = put_in(rows, places)
        else:
            pages = [place.page for place in sorted(places, key=lambda one: one.number or 0)]
            drafts = [self._new_draft(batch, pages, draft_id)]
            rows, after = {drafts[0].id: []}, {drafts[0].id: pages}
        self._lay(rows, after)
        self._put(place.page for place in places)
        self._touch(drafts, rows, after)

    def _is_recoverable(self, since: Any) -> bool:
        return since is not None and self._clock() < since + RECOVERABLE

    def _record(self, action: AuditAction, batch: Batch, drafts: Iterable[Draft], **details: Any) -> None:
        ids = [draft.id for draft in drafts]
        record(self._session, self._clock, self._actor, action, "batch", batch.id, drafts=ids, **details)


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The same in lists of at most as many as one statement takes."""
    return (ids[start : start + _MOST] for start in range(0, len(ids), _MOST))


def _stale() -> ConflictError:
    return ConflictError(_("这些页刚被他人调整过，这次操作没有执行。请核对现在的样子后再操作。"))


def _too_late() -> ConflictError:
    return ConflictError(_("移除已超过 30 天，内容已清除，不能恢复。请重新扫描后补入。"))
