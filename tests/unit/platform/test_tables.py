"""Every table has a declared fate."""

from archive.platform.db import Base
from archive.platform.tables import FATES
from tools.new_migration import import_all_models


def test_every_table_is_declared() -> None:
    """A table nobody declared as rebuilt, derived or lost cannot come in, and none stays declared that is gone."""
    import_all_models()
    assert set(FATES) == set(Base.metadata.tables)
