"""What purposes, ways and answers are called: message ids."""

from archive.borrowing.models import LeaderAnswer, LeaderWay, PurposeKind
from archive.platform.grants import Place
from archive.platform.i18n import _

__all__ = ["ANSWERS", "PLACES", "PURPOSES", "WAYS"]

#: also what the table of approval chains calls them
PURPOSES: dict[PurposeKind, str] = {
    PurposeKind.WORK: _("工作查考"),
    PurposeKind.COMPILATION: _("编史修志"),
    PurposeKind.RESEARCH: _("学术研究"),
    PurposeKind.ECONOMY: _("经济建设"),
    PurposeKind.PUBLICITY: _("宣传教育"),
    PurposeKind.OTHER: _("其他"),
}

PLACES: dict[Place, str] = {Place.ROOM: _("阅览室"), Place.ANYWHERE: _("办公地点")}

WAYS: dict[LeaderWay, str] = {
    LeaderWay.TELEPHONE: _("电话"),
    LeaderWay.SECRETARY: _("秘书转达"),
    LeaderWay.MESSAGE: _("书面或信息"),
    LeaderWay.IN_PERSON: _("当面"),
}

ANSWERS: dict[LeaderAnswer, tuple[str, str]] = {
    LeaderAnswer.CONFIRMED: (_("领导已确认"), "green"),
    LeaderAnswer.DENIED: (_("领导否认"), "red"),
}
