"""The words for what records and boxes share, as message ids."""

from archive.catalogue.models import Retention
from archive.platform.i18n import _

__all__ = ["RETENTION"]

RETENTION = {Retention.PERMANENT: _("永久"), Retention.THIRTY_YEARS: _("30年"), Retention.TEN_YEARS: _("10年")}
