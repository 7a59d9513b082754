"""What people are told of: one kind of notice for each occasion, with its words."""

import enum

from archive.platform.i18n import _

__all__ = ["WORDS", "NoticeKind"]


class NoticeKind(enum.StrEnum):
    """The occasion. Its words stand in WORDS, and in the templates of e-mail."""

    STEP_DUE = "step_due"  #: something waits for a decision of mine; facts: number, applicant
    STEP_REMINDED = "step_reminded"  #: its time is nearly over; facts: number, applicant
    CASE_RETURNED = "case_returned"  #: more is to be said about what I asked for; facts: number
    CASE_CLOSED = "case_closed"  #: what I asked for was decided; facts: number, outcome


#: kind -> the sentence shown, a message id with the facts of the notice in braces
WORDS: dict[NoticeKind, str] = {
    NoticeKind.STEP_DUE: _("{applicant} 的申请 {number} 等您审批。"),
    NoticeKind.STEP_REMINDED: _("{applicant} 的申请 {number} 快到审批时限，请尽快办理。"),
    NoticeKind.CASE_RETURNED: _("您的申请 {number} 已退回，请补充说明。"),
    NoticeKind.CASE_CLOSED: _("您的申请 {number} 已办结：{outcome}。"),
}
