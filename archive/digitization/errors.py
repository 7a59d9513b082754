"""What a reviewer meets."""

from collections.abc import Mapping

from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["FieldsError"]


class FieldsError(InvalidError):
    """Several fields cannot be used: field -> message id."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(_("有几处需要更正。"), field=next(iter(self.errors)))
