"""Why something could not be taken in, and what to do about it, for people; codes are those of ingest and of jobs."""

from archive.platform.i18n import _

__all__ = ["BROKEN_OFF", "CANCELLED", "EMPTIED", "NOT_COME", "SECRECY", "UNREADABLE", "advice", "is_ours"]

#: what is wrong with the file itself, not with us: another try cannot help
UNREADABLE = frozenset({"damaged", "empty", "not_supported", "misnamed", "password", "too_large", "mail_too_large"})

#: reason of what was announced and did not come whole
BROKEN_OFF = "broken_off"

#: why something that belongs to a batch did not come at all: whoever brings it does so again
NOT_COME = frozenset(
    {
        BROKEN_OFF,
        "unreadable",
        "scanner_absent",
        "scanner_busy",
        "scanner_cover_open",
        "scanner_empty",
        "scanner_failed",
        "scanner_interrupted",
        "scanner_jammed",
        "scanner_program",
    }
)

#: reason of everything that was cleared away because of a mark of state secrecy
SECRECY = "secrecy"

#: reason of everything that was given up with its batch
CANCELLED = "cancelled"

#: reason of a draft that lost its last page to others; it comes back with its pages
EMPTIED = "emptied"

_UNKNOWN = _("处理时出错。请重试；若仍不行，请告知系统管理员。")

_ADVICE = {
    "empty": _("文件是空的（0 字节）。请重新扫描后再上传。"),
    "damaged": _("文件已损坏，无法打开。请重新扫描或重新导出后再上传。"),
    "not_supported": _("这不是可识别的扫描件。请上传 PDF、TIFF、JPEG、PNG 或 .eml 文件。"),
    "misnamed": _("文件内容与扩展名不符，不是扫描件。请核对后上传 PDF、TIFF、JPEG、PNG 或 .eml 文件。"),
    "password": _("PDF 设有密码。请取消密码后另存，再重新上传。"),
    "too_large": _("页面像素过大，为安全起见未打开。请以不高于 600 dpi 重新扫描。"),
    "mail_too_large": _("邮件超过 32 MB，未打开。请把附件另存后分别上传，邮件正文另存为 PDF。"),
    SECRECY: _("识别到国家秘密标志，本批已停止处理，内容已隔离。请立即报告安全保密管理员。"),
    CANCELLED: _("批次已被取消，未归档。需要时请重新上传。"),
    BROKEN_OFF: _("上传中断，文件没有传完。请重新选择这个文件上传。"),
    "unreadable": _("监视文件夹中的这个文件读不出来（没有权限，或磁盘出错）。请核对后重新放入。"),
    "scanner_absent": _("扫描仪没有连接，或中途断开。已扫描的页面都已保留；请检查电源和连线，再扫描其余的纸张。"),
    "scanner_busy": _("扫描仪正被占用。请等另一项扫描结束，或关闭占用它的程序，再重新扫描。"),
    "scanner_cover_open": _("扫描仪的盖板没有合上。已扫描的页面都已保留；请合上盖板，再扫描其余的纸张。"),
    "scanner_empty": _("进纸器里没有纸，什么也没有扫描。请放好纸张，再重新扫描。"),
    "scanner_failed": _("扫描仪报告故障。已扫描的页面都已保留；请重启扫描仪，再扫描其余的纸张。"),
    "scanner_interrupted": _("扫描意外中断，最后一两页可能没有收入。请对照纸张核对最后几页，再扫描其余的纸张。"),
    "scanner_jammed": _("扫描仪卡纸。已扫描的页面都已保留；请取出卡住的纸，核对最后一页，再扫描其余的纸张。"),
    "scanner_program": _("服务器上没有扫描程序 scanimage。请告知系统管理员安装 sane-utils。"),
    "duplicate": _("与已有文件完全相同，未重复收入。"),
    "needs_review": _("自动著录的字段不全，请人工审核。"),
    "refused": _("归档条件不符（如档案盒与年度、期限、机构不一致）。请更正后重新验收。"),
    "engine_unavailable": _("识别引擎不可用。请告知系统管理员，恢复后再重试。"),
    "worker_lost": _("处理这一页时进程意外中止。请重试；若仍不行，请重新扫描这一页后再上传。"),
}


def is_ours(reason: str) -> bool:
    """Whether something was given up for a fault of ours, so that another try may help."""
    return bool(reason) and reason not in UNREADABLE | NOT_COME | {SECRECY, CANCELLED}


def advice(reason: str) -> str:
    """A message id for a reason code; one sentence for all codes that no person can do anything special about."""
    return _ADVICE.get(reason, _UNKNOWN)
