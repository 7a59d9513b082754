"""Every table has a declared fate."""

from archive.platform.db import Base
from archive.platform.tables import FATES, MODULES, Fate, tables_of
from tools.new_migration import import_all_models


def test_every_table_is_declared() -> None:
    """A table nobody declared as rebuilt, derived or lost cannot come in, and none stays declared that is gone."""
    import_all_models()
    assert set(FATES) == set(Base.metadata.tables)


def test_every_module_with_tables_is_named() -> None:
    """Whoever asks for tables gets all of them, whatever the process has imported before."""
    import_all_models()
    assert {mapper.class_.__module__ for mapper in Base.registry.mappers} == set(MODULES)


def test_parents_come_first() -> None:
    """Rows put in table by table never refer to one that is not there yet."""
    names = [table.name for table in tables_of(Fate.JOURNAL, Fate.OBJECT)]
    assert names.index("unit") < names.index("person") < names.index("item") < names.index("request_line")


def test_no_secret_is_journalled() -> None:
    """Passwords and the tokens of signed-in browsers never leave the database."""
    assert FATES["credential"] is Fate.LOST
    assert FATES["web_session"] is Fate.LOST
