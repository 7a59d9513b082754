"""Approved lines that ask for a copy or a certificate."""

from datetime import timedelta

from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.platform.approval.chains import Asked
from archive.platform.approval.models import ApprovalCase, CaseState
from archive.platform.db import new_id
from tests.factories.small_archive import SmallArchive

__all__ = ["approved_line"]


def approved_line(small: SmallArchive, login: str, item: str, asked: Asked, *, pages: str = "") -> str:
    """What was asked for an item and approved; returns the line's id."""
    now, line_id = small.clock(), new_id()
    with small.parts.database.writing() as session:
        request = ReadingRequest(
            number=f"2021-{line_id[-6:]}",
            reader_id=small.people[login],
            purpose="办理社会保险",
            starts_at=now,
            ends_at=now + timedelta(days=3),
            created_at=now,
        )
        case = ApprovalCase(
            subject_kind="request_line",
            subject_id=line_id,
            applicant_id=small.people[login],
            state=CaseState.APPROVED,
            created_at=now,
            decided_at=now,
        )
        session.add_all([request, case])
        session.flush()
        line = RequestLine(id=line_id, position=1, item_id=small.items[item], asked=asked, pages=pages)
        line.request_id, line.case_id, line.state = request.id, case.id, LineState.APPROVED
        session.add(line)
    return line_id
