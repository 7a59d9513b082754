"""Drafts a migration, the difference of models and newest migration: `python -m tools.new_migration NAME`.

Read the draft before committing it; its docstring becomes the message for the archivist.
"""

import importlib
import pkgutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from alembic import command

import archive
from archive.migrations import configuration, upgrade
from archive.platform.db import Base, Database

_WITH_TABLES = {"events", "grants", "leases", "models", "outbox"}


def import_all_models() -> None:
    """Import every module of the archive that declares tables, so that the metadata is whole."""
    for module in pkgutil.walk_packages(archive.__path__, "archive."):
        if module.name.rpartition(".")[2] in _WITH_TABLES:
            importlib.import_module(module.name)


def main(name: str) -> None:
    """Write `archive/migrations/versions/<date>_<name>.py`."""
    import_all_models()
    revision = f"{datetime.now(UTC):%Y%m%d}_{name}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
        upgrade(database)
        with database.engine.connect() as connection:
            config = configuration(connection)
            config.attributes["metadata"] = Base.metadata
            config.set_main_option("file_template", "%%(rev)s")
            command.revision(config, message=name, autogenerate=True, rev_id=revision)
        database.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
