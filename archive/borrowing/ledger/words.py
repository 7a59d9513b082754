"""What ways of use, kinds of effects, and what is counted by are called: message ids."""

from archive.borrowing.ledger.models import EffectKind
from archive.borrowing.ledger.rates import Rate
from archive.borrowing.ledger.statistics import By
from archive.borrowing.ledger.uses import UseWay
from archive.platform.i18n import _

__all__ = ["BY", "EFFECTS", "RATES", "WAYS"]

WAYS: dict[UseWay, str] = {
    UseWay.SCREEN: _("在线阅览"),
    UseWay.OPEN: _("免批阅览"),
    UseWay.STANDING: _("长期授权阅览"),
    UseWay.LEADER: _("领导查阅"),
    UseWay.PAPER: _("阅览原件"),
    UseWay.VISITOR: _("来访阅览"),
    UseWay.COPY: _("复制"),
    UseWay.EXTRACT: _("摘录"),
    UseWay.CERTIFICATE: _("出具证明"),
    UseWay.TASK: _("业务查看"),
}

EFFECTS: dict[EffectKind, str] = {
    EffectKind.DECISION: _("为决策和工作提供依据"),
    EffectKind.RIGHTS: _("维护权益、解决争议"),
    EffectKind.ECONOMIC: _("产生经济效益"),
    EffectKind.WRITING: _("用于编史修志和研究"),
    EffectKind.EDUCATION: _("用于宣传教育"),
    EffectKind.NOTHING_FOUND: _("未查到所需内容"),
    EffectKind.OTHER: _("其他"),
}

BY: dict[By, str] = {
    By.MONTH: _("月份"),
    By.QUARTER: _("季度"),
    By.YEAR: _("年度"),
    By.UNIT: _("利用部门"),
    By.PURPOSE: _("利用目的"),
    By.WAY: _("利用方式"),
    By.CATEGORY: _("门类"),
    By.ITEM: _("文件"),
}

RATES: dict[Rate, str] = {
    Rate.APPROVED: _("批准率（批准项 / 已办结项）"),
    Rate.ON_SCREEN: _("在线利用率（在线阅览件次 / 阅览件次）"),
    Rate.EFFECTS: _("效果登记率（已登记 / 已征询）"),
}
