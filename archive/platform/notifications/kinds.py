"""What people are told of: one kind of notice for each occasion, with its words."""

import enum

from archive.platform.i18n import _

__all__ = ["WORDS", "NoticeKind"]


class NoticeKind(enum.StrEnum):
    """The occasion. Its words stand in WORDS, and in the templates of e-mail."""

    STEP_DUE = "step_due"  #: something waits for a decision of mine; facts: number, applicant
    CASE_CLOSED = "case_closed"  #: what I asked for was decided; facts: number, outcome


#: kind -> the sentence shown, a message id with the facts of the notice in braces
WORDS: dict[NoticeKind, str] = {
    NoticeKind.STEP_DUE: _("{applicant} 的申请 {number} 等您审批。"),
    NoticeKind.CASE_CLOSED: _("您的申请 {number} 已办结：{outcome}。"),
}
