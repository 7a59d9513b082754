"""Measures the inbox with 10,000 open cases: its page, its count in the bar, one decision, and the keeper's round.

python -m bench.approval     SQLite; PostgreSQL too where its server is installed
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from webtest import TestApp

from archive.app import make_app
from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.borrowing.service import SUBJECT
from archive.handlers import approval_subjects
from archive.platform.accounts.models import Person, Role
from archive.platform.approval.inbox import Inbox
from archive.platform.approval.keeping import keep_time_limits
from archive.platform.approval.models import ApprovalCase, ApprovalStep, CaseState, StepState
from archive.platform.db import new_id
from archive.settings import Settings
from bench.databases import print_on_both
from bench.figures import Figure
from tests.factories.browsing import sign_in
from tests.factories.small_archive import SmallArchive, small_archive

_CASES = 10_000
_ROUNDS = 15


def main() -> None:
    """Print one table."""
    print_on_both(_figures)


def _figures(name: str, folder: Path, settings: Settings) -> Iterator[Figure]:
    with small_archive(folder, settings) as small:
        archivist = TestApp(make_app(small.parts))
        sign_in(archivist, "archivist")
        few = _median(lambda: archivist.get("/inbox"))
        _fill(small)
        for page in (1, _CASES // 20):
            shown = _median(partial(archivist.get, f"/inbox?page={page}"))
            yield Figure(f"inbox, page {page}, {name}", f"{shown:.0f} ms", f"empty: {few:.0f} ms", None, "<= 300 ms")
        found = _median(lambda: archivist.get("/inbox?words=2021-9"))
        yield Figure(f"inbox, filtered, {name}", f"{found:.0f} ms", "", None, "<= 300 ms")
        yield Figure(f"count in the bar, {name}", f"{_median(lambda: _count(small)):.1f} ms", "", None, "")
        decided = _median(lambda: _decide(archivist))
        yield Figure(f"one decision, with its page before, {name}", f"{decided:.0f} ms", "", None, "")
        kept = _median(lambda: keep_time_limits(small.parts, approval_subjects()))
        yield Figure(f"keeper's round, {name}", f"{kept:.0f} ms", "", None, "")


def _count(small: SmallArchive) -> int:
    with small.parts.database.reading() as session:
        return Inbox(session, small.clock).waiting(session.get_one(Person, small.people["archivist"]))


def _decide(archivist: TestApp) -> Any:
    page = archivist.get("/inbox")
    form = next(form for form in page.forms.values() if "/inbox/steps/" in form.action)
    return form.submit("verdict", value="approve")


def _median(act: Callable[[], Any]) -> float:
    """Milliseconds of processor time of ours, the median of some rounds; on SQLite that is all there is."""
    times = []
    for _ in range(_ROUNDS):
        began = time.thread_time()
        act()
        times.append(time.thread_time() - began)
    return statistics.median(times) * 1000


def _fill(small: SmallArchive) -> None:
    """Requests that wait for the archivist, their first step done."""
    now, reader, item = small.clock(), small.people["engineer"], small.items["accounts"]
    with small.parts.database.writing() as session:
        for number in range(_CASES):
            case = ApprovalCase(
                id=new_id(),
                subject_kind=SUBJECT,
                subject_id=new_id(),
                label=f"2021-{number:05}-01",
                applicant_id=reader,
                state=CaseState.OPEN,
                created_at=now,
            )
            roles = ((Role.DEPARTMENT_HEAD, StepState.APPROVED), (Role.ARCHIVIST, StepState.DUE))
            case.steps = [ApprovalStep(position=n, role=role, state=state) for n, (role, state) in enumerate(roles)]
            request = ReadingRequest(
                number=f"2021-{number:05}",
                reader_id=reader,
                purpose="核对年度数据",
                starts_at=now,
                ends_at=now.replace(year=now.year + 1),
                created_at=now,
            )
            line = RequestLine(id=case.subject_id, position=1, item_id=item, state=LineState.OPEN)
            line.case_id = case.id
            request.lines = [line]
            session.add_all((case, request))


if __name__ == "__main__":
    main()
