"""What kinds and states of copies are called: message ids, the states with the tone they are shown in."""

from archive.borrowing.copies.models import CopyKind, CopyState
from archive.platform.approval.chains import Asked
from archive.platform.i18n import _

__all__ = ["ASKED", "KIND_WORDS", "STATEMENTS", "STATES"]

KIND_WORDS = {CopyKind.COPY: _("复制件"), CopyKind.EXTRACT: _("摘录"), CopyKind.CERTIFICATE: _("档案证明")}
ASKED = {Asked.COPY: _("复制"), Asked.CERTIFICATE: _("出具证明")}
STATES = {
    CopyState.DRAFT: (_("草稿，待核对"), "amber"),
    CopyState.CHECKED: (_("已核对，待领取"), "blue"),
    CopyState.ISSUED: (_("已交付"), "green"),
    CopyState.VOID: (_("已作废"), "red"),
    CopyState.DISCARDED: (_("已放弃"), "neutral"),
}
#: what who checks says
STATEMENTS = {
    CopyKind.COPY: _("我已将每一页与原件逐页核对，内容一致，页数无误。"),
    CopyKind.EXTRACT: _("我已将每段文字与所注出处的原件核对，文字一致，没有断章取义。"),
    CopyKind.CERTIFICATE: _("我已将每段文字与所注出处的原件核对，所述属实，出处无误。"),
}
