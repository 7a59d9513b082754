"""What people are told of: one kind of notice for each occasion, with its words."""

import enum

from archive.platform.i18n import _

__all__ = ["ALWAYS", "LABELS", "SAID", "WORDS", "NoticeKind"]


class NoticeKind(enum.StrEnum):
    """The occasion. Its words stand in WORDS, and in the templates of e-mail."""

    STEP_DUE = "step_due"  #: something waits for a decision of mine; facts: number, applicant
    STEP_REMINDED = "step_reminded"  #: its time is nearly over; facts: number, applicant
    CASE_RETURNED = "case_returned"  #: more is to be said about what I asked for; facts: number
    CASE_CLOSED = "case_closed"  #: what I asked for was decided; facts: number, outcome
    LEADER_SERVED = "leader_served"  #: the desk made something for me; facts: number, archivist
    LEADER_DENIED = "leader_denied"  #: a leader denies that he asked; facts: number, leader
    STANDING_ENDED = "standing_ended"  #: a standing authorisation was ended; facts: number
    TASK_LIST = "task_list"  #: the list of tasks of a month waits for the director; facts: month
    SESSION_TAKEN = "session_taken"  #: a session turned up in another browser; facts: person, address
    ADDRESS_CLOSED = "address_closed"  #: an address tried many accounts; facts: address, logins
    PAPER_AT_CLOSING = "paper_at_closing"  #: the room closes and paper is still out of its box; facts: n, numbers
    PAPER_INCIDENT = "paper_incident"  #: paper missing, damaged or overdue was reported; facts: number
    OUT_TO_SIGN = "out_to_sign"  #: paper that leaves the repository waits for my signature; facts: number
    OUT_OVERDUE = "out_overdue"  #: paper that left is not back on its day; facts: number, day
    OUT_NOT_APPROVED = "out_not_approved"  #: an emergency was refused, or not approved in time; facts: number
    COPY_READY = "copy_ready"  #: a copy, extract or certificate I asked for can be fetched; facts: number

    EFFECT_ASKED = "effect_asked"  #: what came of a request is asked; facts: number
    EFFECT_REMINDED = "effect_reminded"  #: once more; facts: number


#: kind -> the sentence shown, a message id with the facts of the notice in braces
WORDS: dict[NoticeKind, str] = {
    NoticeKind.STEP_DUE: _("{applicant} 的申请 {number} 等您审批。"),
    NoticeKind.STEP_REMINDED: _("{applicant} 的申请 {number} 快到审批时限，请尽快办理。"),
    NoticeKind.CASE_RETURNED: _("您的申请 {number} 已退回，请补充说明。"),
    NoticeKind.CASE_CLOSED: _("您的申请 {number} 已办结：{outcome}。"),
    NoticeKind.LEADER_SERVED: _("{archivist} 按您的要求办理了查阅 {number}，请确认。"),
    NoticeKind.LEADER_DENIED: _("{leader} 否认要求过查阅 {number}，请核实。"),
    NoticeKind.STANDING_ENDED: _("长期授权 {number} 已终止。"),
    NoticeKind.TASK_LIST: _("{month} 业务查看清单请您审阅。"),
    NoticeKind.SESSION_TAKEN: _("{person} 的登录会话在另一浏览器中被使用（地址 {address}），已结束，请向本人核实。"),
    NoticeKind.ADDRESS_CLOSED: _("地址 {address} 短时间内尝试了 {logins} 个登录名，已暂停从该地址登录。"),
    NoticeKind.PAPER_AT_CLOSING: _("闭馆时仍有 {n} 件原件在阅：{numbers}。请立即清点收回。"),
    NoticeKind.PAPER_INCIDENT: _("原件异常报告 {number} 等待查办。"),
    NoticeKind.OUT_TO_SIGN: _("出库单 {number} 的原件等您签收。"),
    NoticeKind.OUT_OVERDUE: _("出库单 {number} 应于 {day} 归还，已逾期。"),
    NoticeKind.OUT_NOT_APPROVED: _("紧急出库 {number} 没有在时限内获得批准，请立即收回原件。"),
    NoticeKind.COPY_READY: _("您申请的复制件或证明 {number} 已核对，请到服务台领取。"),
    NoticeKind.EFFECT_ASKED: _("申请 {number} 的利用已结束，请登记利用效果，也可以不填。"),
    NoticeKind.EFFECT_REMINDED: _("申请 {number} 的利用效果还没有登记，请填写或选择不填，不再提醒。"),
}

#: facts whose values are message ids
SAID = frozenset({"outcome"})

#: kind -> what it is called where people choose how they are told of it
LABELS: dict[NoticeKind, str] = {
    NoticeKind.STEP_DUE: _("有申请等我审批"),
    NoticeKind.STEP_REMINDED: _("审批时限将到"),
    NoticeKind.CASE_RETURNED: _("我的申请被退回"),
    NoticeKind.CASE_CLOSED: _("我的申请已办结"),
    NoticeKind.LEADER_SERVED: _("档案室为我办理了查阅"),
    NoticeKind.LEADER_DENIED: _("领导否认要求过查阅"),
    NoticeKind.STANDING_ENDED: _("长期授权终止"),
    NoticeKind.TASK_LIST: _("业务查看月度清单"),
    NoticeKind.SESSION_TAKEN: _("登录会话被他人使用"),
    NoticeKind.ADDRESS_CLOSED: _("有地址尝试多个账户"),
    NoticeKind.PAPER_AT_CLOSING: _("闭馆时原件未收回"),
    NoticeKind.PAPER_INCIDENT: _("原件缺失、破损或逾期"),
    NoticeKind.OUT_TO_SIGN: _("出库原件等我签收"),
    NoticeKind.OUT_OVERDUE: _("出库原件逾期"),
    NoticeKind.OUT_NOT_APPROVED: _("紧急出库未获批准"),
    NoticeKind.COPY_READY: _("复制件或证明可以领取"),
    NoticeKind.EFFECT_ASKED: _("请我登记利用效果"),
    NoticeKind.EFFECT_REMINDED: _("利用效果登记提醒"),
}

#: kinds nobody can switch off: alarms, and what others wait for
ALWAYS = frozenset(
    {
        NoticeKind.STEP_REMINDED,
        NoticeKind.SESSION_TAKEN,
        NoticeKind.ADDRESS_CLOSED,
        NoticeKind.PAPER_AT_CLOSING,
        NoticeKind.PAPER_INCIDENT,
        NoticeKind.OUT_OVERDUE,
        NoticeKind.OUT_NOT_APPROVED,
    }
)
