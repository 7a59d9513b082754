"""What the states and kinds of paper are called: message ids, with the tone they are shown in."""

from archive.borrowing.paper.models import (
    Condition,
    CustodyKind,
    DocumentKind,
    Half,
    IncidentKind,
    IncidentOutcome,
    IncidentState,
    OutKind,
    OutState,
    ReadingState,
    VisitAsked,
    VisitItemState,
    Whereabouts,
)
from archive.platform.i18n import _

__all__ = [
    "ACTS",
    "ASKED",
    "CONDITIONS",
    "DOCUMENTS",
    "HALVES",
    "INCIDENTS",
    "INCIDENT_STATES",
    "OUTCOMES",
    "OUT_KINDS",
    "OUT_STATES",
    "PLACES",
    "READINGS",
    "VISIT_STATES",
    "WEEKDAYS",
]

PLACES = {
    Whereabouts.BOX: (_("在盒"), "green"),
    Whereabouts.DESK: (_("在服务台"), "amber"),
    Whereabouts.ROOM: (_("在阅"), "blue"),
    Whereabouts.OUT: (_("出库"), "red"),
}
CONDITIONS = {Condition.SOUND: _("完好"), Condition.WORN: _("磨损"), Condition.DAMAGED: _("破损")}
READINGS = {
    ReadingState.FETCHED: (_("已调出"), "amber"),
    ReadingState.READING: (_("在阅"), "blue"),
    ReadingState.RETURNED: (_("已还"), "amber"),
    ReadingState.SHELVED: (_("已上架"), "green"),
}
ACTS = {
    CustodyKind.FETCHED: _("调出"),
    CustodyKind.HANDED_OVER: _("交付阅览"),
    CustodyKind.TAKEN_BACK: _("归还清点"),
    CustodyKind.SHELVED: _("上架"),
    CustodyKind.HANDED_OUT: _("出库"),
    CustodyKind.BROUGHT_BACK: _("出库归还"),
}
OUT_KINDS = {
    OutKind.DIGITISATION: _("数字化"),
    OutKind.REPAIR: _("修复"),
    OutKind.TRANSFER: _("移交进馆"),
    OutKind.DESTRUCTION: _("销毁"),
    OutKind.EMERGENCY: _("紧急转移"),
    OutKind.SEIZURE: _("依法调取"),
}
OUT_STATES = {
    OutState.ASKED: (_("审批中"), "blue"),
    OutState.APPROVED: (_("已批准，待交接"), "amber"),
    OutState.REFUSED: (_("未获批准"), "red"),
    OutState.WITHDRAWN: (_("已撤回"), "neutral"),
    OutState.SIGNED: (_("待接收人签收"), "amber"),
    OutState.OUT: (_("出库在外"), "red"),
    OutState.BACK: (_("已全部归还"), "green"),
    OutState.GONE: (_("已移出，不再归还"), "neutral"),
}
INCIDENTS = {IncidentKind.MISSING: _("缺失"), IncidentKind.DAMAGED: _("损坏"), IncidentKind.OVERDUE: _("逾期未还")}
INCIDENT_STATES = {
    IncidentState.REPORTED: (_("已报告，待查找或鉴定"), "red"),
    IncidentState.EXAMINED: (_("已查明，待他人结论"), "amber"),
    IncidentState.CONCLUDED: (_("已有结论"), "neutral"),
}
OUTCOMES = {
    IncidentOutcome.FOUND: _("已找到或已归还"),
    IncidentOutcome.LOST: _("确认遗失"),
    IncidentOutcome.REPAIR: _("送修复"),
    IncidentOutcome.NOTED: _("记入备考表，可继续利用"),
}
DOCUMENTS = {
    DocumentKind.IDENTITY_CARD: _("居民身份证"),
    DocumentKind.PASSPORT: _("护照"),
    DocumentKind.OFFICER_CARD: _("军官证、警官证"),
    DocumentKind.WORK_CARD: _("工作证"),
}
ASKED = {VisitAsked.VIEW: _("看扫描件"), VisitAsked.PAPER: _("看原件")}
VISIT_STATES = {
    VisitItemState.OPEN: (_("审批中"), "blue"),
    VisitItemState.APPROVED: (_("已批准"), "green"),
    VisitItemState.REFUSED: (_("未获批准"), "red"),
    VisitItemState.WITHDRAWN: (_("已撤回"), "neutral"),
}
HALVES = {Half.MORNING: _("上午"), Half.AFTERNOON: _("下午")}
WEEKDAYS = (_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"))
