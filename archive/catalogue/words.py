"""The words for what records and boxes share, as message ids."""

from archive.catalogue.models import NoteKind, Retention
from archive.platform.i18n import _

__all__ = ["NOTE_KINDS", "RETENTION"]

RETENTION = {Retention.PERMANENT: _("永久"), Retention.THIRTY_YEARS: _("30年"), Retention.TEN_YEARS: _("10年")}

#: entries of 备考表
NOTE_KINDS = {
    NoteKind.UNBOUND: _("拆钉"),
    NoteKind.DAMAGED: _("破损"),
    NoteKind.PAGES_MISSING: _("缺页"),
    NoteKind.REMARK: _("说明"),
}
