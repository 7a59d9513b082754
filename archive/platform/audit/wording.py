"""What acts, subjects and details are called on the audit page."""

from archive.platform.audit.actions import AuditAction as Act
from archive.platform.i18n import _

__all__ = ["ACTIONS", "DETAILS", "SUBJECTS", "VALUES", "words_for"]

ACTIONS: dict[Act, str] = {
    Act.ARCHIVE_INITIALISED: _("建立档案库"),
    Act.INDEX_REBUILT: _("重建索引"),
    Act.STORE_VERIFIED: _("核验存储"),
    Act.ARCHIVE_REBUILT: _("从存储重建档案库"),
    Act.ARCHIVE_BACKED_UP: _("备份档案库"),
    Act.ARCHIVE_RESTORED: _("从备份恢复档案库"),
    Act.OBJECT_DAMAGED: _("发现存储损坏"),
    Act.CHECK_ORDERED: _("安排重新核验"),
    Act.OBJECT_REPAIRED: _("修复存储损坏"),
    Act.KEYS_ROTATED: _("更换加密密钥"),
    Act.UNIT_CREATED: _("新建机构"),
    Act.PERSON_CREATED: _("新建用户"),
    Act.PASSWORD_SET: _("设置密码"),
    Act.SIGNED_IN: _("登录"),
    Act.SIGN_IN_REFUSED: _("登录被拒绝"),
    Act.ACCOUNT_LOCKED: _("账户锁定"),
    Act.SIGNED_OUT: _("退出登录"),
    Act.LANGUAGE_CHANGED: _("更改界面语言"),
    Act.CASE_OPENED: _("提交审批"),
    Act.STEP_APPROVED: _("审批同意"),
    Act.STEP_REFUSED: _("审批不同意"),
    Act.CASE_WITHDRAWN: _("撤回审批"),
    Act.PAGE_READ: _("阅览"),
    Act.TASK_OPENED: _("业务查看"),
    Act.READING_REQUESTED: _("申请阅览"),
    Act.GRANT_GIVEN: _("授予阅览许可"),
    Act.GRANT_REVOKED: _("撤销阅览许可"),
    Act.REQUEST_WITHDRAWN: _("撤回申请"),
    Act.ITEM_ACCEPTED: _("验收归档"),
    Act.CODE_GIVEN: _("编制档号"),
    Act.ITEM_DESTROYED: _("销毁"),
    Act.BOX_OPENED: _("新开档案盒"),
    Act.FONDS_CREATED: _("新建全宗"),
    Act.CATEGORY_CREATED: _("新建门类"),
    Act.TEXT_CORRECTED: _("更正页面文字"),
    Act.BATCH_OPENED: _("新建批次"),
    Act.BATCH_QUARANTINED: _("批次隔离清除"),
    Act.SECRECY_ERASED: _("清除涉密隔离内容"),
    Act.SECRECY_RELEASE_PROPOSED: _("申请解除保密事件"),
    Act.SECRECY_RELEASED: _("同意解除保密事件"),
    Act.BATCH_RETRIED: _("重试批次"),
    Act.BATCH_PAUSED: _("暂停批次"),
    Act.BATCH_RESUMED: _("继续批次"),
    Act.BATCH_PRIORITISED: _("调整批次先后"),
    Act.BATCH_CANCELLED: _("取消批次"),
    Act.DRAFT_CORRECTED: _("更正著录"),
    Act.DRAFT_ACCEPTED: _("审核验收"),
    Act.DRAFT_DISCARDED: _("弃用扫描件"),
    Act.DRAFT_RESTORED: _("恢复扫描件"),
    Act.PAGES_ARRANGED: _("调整页面归属"),
    Act.PAGES_TURNED: _("旋转页面"),
    Act.PAGES_REMOVED: _("移除页面"),
    Act.PAGES_RESTORED: _("恢复页面"),
    Act.PAGE_ADDED: _("补充页面"),
}

ROLES: dict[str, str] = {
    "reader": _("利用者"),
    "records_officer": _("兼职档案员"),
    "department_head": _("部门负责人"),
    "office_director": _("办公室主任"),
    "archivist": _("档案员"),
    "system_administrator": _("系统管理员"),
    "security_administrator": _("安全保密管理员"),
    "audit_administrator": _("安全审计员"),
}

SUBJECTS: dict[str, str] = {
    "archive": _("档案库"),
    "store": _("存储"),
    "index": _("索引"),
    "unit": _("机构"),
    "person": _("用户"),
    "case": _("审批事项"),
    "item": _("文件"),
    "fonds": _("全宗"),
    "category": _("门类"),
    "box": _("档案盒"),
    "batch": _("批次"),
    "draft": _("扫描件"),
    "keys": _("加密密钥"),
    "request": _("阅览申请"),
    "grant": _("阅览许可"),
    "login": _("登录名"),
}

DETAILS: dict[str, str] = {
    "address": _("地址"),
    "batch": _("批次"),
    "case": _("审批事项"),
    "checked": _("已核验"),
    "code": _("代码"),
    "digests": _("摘要"),
    "drafts": _("扫描件"),
    "failures": _("失败次数"),
    "files": _("文件数"),
    "fonds": _("全宗"),
    "grant": _("阅览许可"),
    "item": _("文件"),
    "items": _("文件"),
    "language": _("语言"),
    "location": _("存储位置"),
    "lines": _("申请项"),
    "number": _("号码"),
    "ok": _("完好"),
    "page": _("页"),
    "paths": _("存储文件"),
    "pages": _("页数"),
    "priority": _("先后"),
    "reason": _("依据"),
    "roles": _("角色"),
    "source": _("来源"),
    "step": _("步骤"),
    "steps": _("步骤"),
    "subject": _("对象"),
    "unit": _("机构"),
}

#: values that are codes, by the name of the detail
VALUES: dict[str, dict[str, str]] = {
    "reason": {
        "public": _("公开"),
        "own_unit": _("本部门"),
        "grant": _("阅览许可"),
        "task": _("业务查看"),
    },
    "source": {"upload": _("上传"), "watch": _("监视文件夹"), "command": _("命令行")},
    "priority": {"first": _("优先"), "normal": _("正常"), "last": _("最后")},
    "language": {"zh_Hans": _("简体中文"), "zh_Hant": _("繁体中文"), "en": _("英文")},
    "roles": ROLES,
    "steps": ROLES,
    "location": {"primary": _("主存储"), "second": _("第二存储")},
}

_BY_VALUE = {action.value: words for action, words in ACTIONS.items()}


def words_for(action: str) -> str:
    """The words for an action as recorded; one this version does not know stands as it is."""
    return _BY_VALUE.get(action, action)
