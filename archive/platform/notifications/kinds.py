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
    SESSION_TAKEN = "session_taken"  #: a session turned up in another browser; facts: person, address
    ADDRESS_CLOSED = "address_closed"  #: an address tried many accounts; facts: address, logins
    PAPER_AT_CLOSING = "paper_at_closing"  #: the room closes and paper is still out of its box; facts: n, numbers
    PAPER_INCIDENT = "paper_incident"  #: paper missing, damaged or overdue was reported; facts: number
    OUT_TO_SIGN = "out_to_sign"  #: paper that leaves the repository waits for my signature; facts: number
    OUT_OVERDUE = "out_overdue"  #: paper that left is not back on its day; facts: number, day
    OUT_NOT_APPROVED = "out_not_approved"  #: an emergency was refused, or not approved in time; facts: number


#: kind -> the sentence shown, a message id with the facts of the notice in braces
WORDS: dict[NoticeKind, str] = {
    NoticeKind.STEP_DUE: _("{applicant} 的申请 {number} 等您审批。"),
    NoticeKind.STEP_REMINDED: _("{applicant} 的申请 {number} 快到审批时限，请尽快办理。"),
    NoticeKind.CASE_RETURNED: _("您的申请 {number} 已退回，请补充说明。"),
    NoticeKind.CASE_CLOSED: _("您的申请 {number} 已办结：{outcome}。"),
    NoticeKind.SESSION_TAKEN: _("{person} 的登录会话在另一浏览器中被使用（地址 {address}），已结束，请向本人核实。"),
    NoticeKind.ADDRESS_CLOSED: _("地址 {address} 短时间内尝试了 {logins} 个登录名，已暂停从该地址登录。"),
    NoticeKind.PAPER_AT_CLOSING: _("闭馆时仍有 {n} 件原件在阅：{numbers}。请立即清点收回。"),
    NoticeKind.PAPER_INCIDENT: _("原件异常报告 {number} 等待查办。"),
    NoticeKind.OUT_TO_SIGN: _("出库单 {number} 的原件等您签收。"),
    NoticeKind.OUT_OVERDUE: _("出库单 {number} 应于 {day} 归还，已逾期。"),
    NoticeKind.OUT_NOT_APPROVED: _("紧急出库 {number} 没有在时限内获得批准，请立即收回原件。"),
}
