"""What may become of a copy, an extract or a certificate, and who may check one: pure."""

from archive.borrowing.copies.models import CopyKind, CopyState
from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.approval.chains import Asked
from archive.platform.errors import ConflictError, ForbiddenError
from archive.platform.i18n import _

__all__ = ["KINDS", "check_desk", "check_second", "follows"]

#: what an approved line may be carried out as
KINDS = {
    Asked.COPY: (CopyKind.COPY, CopyKind.EXTRACT),
    Asked.CERTIFICATE: (CopyKind.CERTIFICATE, CopyKind.EXTRACT),
}

_NEXT = {
    CopyState.DRAFT: {CopyState.CHECKED, CopyState.DISCARDED},
    CopyState.CHECKED: {CopyState.ISSUED, CopyState.VOID},
    CopyState.ISSUED: {CopyState.VOID},
    CopyState.VOID: set(),
    CopyState.DISCARDED: set(),
}


def follows(state: CopyState, wanted: CopyState) -> CopyState:
    """The state wanted, if it can follow. Raises ConflictError: somebody was first, or its time is over."""
    if wanted not in _NEXT[state]:
        raise ConflictError(_("它已不在可以这样办理的状态，请刷新页面查看。"))
    return wanted


def check_desk(person: PersonFacts) -> None:
    """Copies are made at the desk. Raises ForbiddenError."""
    if not person.active or Permission.DESK not in permissions_of(person.roles):
        raise ForbiddenError(_("复制件、摘录和证明由档案员在服务台办理。"))


def check_second(kind: CopyKind, person: PersonFacts, writer_id: str, applicant_id: str) -> None:
    """Who compares it with the original: an archivist, never the applicant; of a text never its writer.

    Raises ForbiddenError.
    """
    check_desk(person)
    if person.id == applicant_id:
        raise ForbiddenError(_("申请人不能核对给自己的复制件、摘录或证明，请由另一名档案员核对。"))
    if kind is not CopyKind.COPY and person.id == writer_id:
        raise ForbiddenError(_("摘录和证明须由起草人以外的档案员核对。"))
