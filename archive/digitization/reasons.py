"""Why something could not be taken in, and what to do about it, for people; codes are those of ingest and of jobs."""

from archive.platform.i18n import _

__all__ = ["CANCELLED", "SECRECY", "UNREADABLE", "advice", "is_ours"]

#: what is wrong with the file itself, not with us: another try cannot help
UNREADABLE = frozenset({"damaged", "empty", "not_supported", "misnamed", "password", "too_large"})

#: reason of everything that was cleared away because of a mark of state secrecy
SECRECY = "secrecy"

#: reason of everything that was given up with its batch
CANCELLED = "cancelled"

_UNKNOWN = _("处理时出错。请重试；若仍不行，请告知系统管理员。")

_ADVICE = {
    "empty": _("文件是空的（0 字节）。请重新扫描后再上传。"),
    "damaged": _("文件已损坏，无法打开。请重新扫描或重新导出后再上传。"),
    "not_supported": _("这不是可识别的扫描件。请上传 PDF、TIFF、JPEG 或 PNG 文件。"),
    "misnamed": _("文件内容与扩展名不符，不是扫描件。请核对后上传 PDF、TIFF、JPEG 或 PNG 文件。"),
    "password": _("PDF 设有密码。请取消密码后另存，再重新上传。"),
    "too_large": _("页面像素过大，为安全起见未打开。请以不高于 600 dpi 重新扫描。"),
    SECRECY: _("识别到国家秘密标志，本批已停止处理并清除内容。请立即报告安全保密管理员。"),
    CANCELLED: _("批次已被取消，未归档。需要时请重新上传。"),
    "duplicate": _("与已有文件完全相同，未重复收入。"),
    "needs_review": _("自动著录的字段不全，请人工审核。"),
    "refused": _("归档条件不符（如档案盒与年度、期限、机构不一致）。请更正后重新验收。"),
    "engine_unavailable": _("识别引擎不可用。请告知系统管理员，恢复后再重试。"),
    "worker_lost": _("处理这一页时进程意外中止。请重试；若仍不行，请重新扫描这一页后再上传。"),
}


def is_ours(reason: str) -> bool:
    """Whether something was given up for a fault of ours, so that another try may help."""
    return bool(reason) and reason not in UNREADABLE and reason not in {SECRECY, CANCELLED}


def advice(reason: str) -> str:
    """A message id for a reason code; one sentence for all codes that no person can do anything special about."""
    return _ADVICE.get(reason, _UNKNOWN)
