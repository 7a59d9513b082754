"""What permissions and devices are called on pages."""

from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _

__all__ = ["PERMISSIONS", "device_name"]

#: every permission that a role carries, in the order of the page; a test fails on one without words
PERMISSIONS: dict[Permission, str] = {
    Permission.SEARCH: _("检索目录，打开允许阅览的内容"),
    Permission.REQUEST: _("申请阅览"),
    Permission.APPROVE: _("审批他人的申请"),
    Permission.DIGITIZE: _("上传、审核、验收扫描件"),
    Permission.OVERSEE: _("审阅档案员的业务查看清单"),
    Permission.LEDGER: _("查阅利用登记簿、利用效果和利用统计"),
    Permission.TASK_ACCESS: _("为写明的业务工作查看内容（登记备查）"),
    Permission.DESK: _("在服务台办理原件交接、出库和来访"),
    Permission.CUSTODY: _("查看原件去向，对缺失、损坏、逾期下结论"),
    Permission.SHELVE: _("查看档案盒与架位"),
    Permission.PRESERVE: _("查看保存状态（不含内容）"),
    Permission.SECRECY: _("处理保密事件（不含内容）"),
    Permission.AUDIT: _("查看审计登记"),
    Permission.ADMINISTER_ACCOUNTS: _("管理机构、岗位、账户和初始密码"),
    Permission.ADMINISTER_RIGHTS: _("管理角色、涉密等级、锁定账户、登录会话、审批规则和阅览座位"),
}

#: what stands in the way a browser names itself -> what it is called, the most exact first
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def device_name(user_agent: str) -> str:
    """Browser and system in two words, as far as they are known; else as it names itself, "" if it does not."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system))) or user_agent[:40]
