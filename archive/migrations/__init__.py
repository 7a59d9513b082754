"""Brings a database to the tables this version works with: `upgrade`, `is_current`.

A migration's docstring is a message for the archivist. Migrations import no models: they must still run when the models
have moved on.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from archive.platform.db import Database
from archive.platform.journal.triggers import install

__all__ = ["configuration", "head_revision", "is_current", "is_known", "upgrade"]

_SCRIPTS = "archive:migrations"


def configuration(connection: Connection) -> Config:
    """What Alembic works with; the migrations run on this connection, in its transaction."""
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database) -> None:
    """Run the migrations that are missing, all or none; a second process that comes at the same time waits.

    Afterwards every change of a journalled table is noted for the journal.
    """
    with database.engine.execution_options(danggui_writes=True).begin() as connection:
        if not database.is_sqlite:  # SQLite's writing transaction is a lock already
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('danggui.migrations'))"))
        command.upgrade(configuration(connection), "head")
        install(connection)


def is_current(database: Database) -> bool:
    """Whether every migration of this version has run."""
    with database.engine.connect() as connection:
        script = ScriptDirectory.from_config(configuration(connection))
        return MigrationContext.configure(connection).get_current_heads() == tuple(script.get_heads())


def head_revision() -> str:
    """The newest migration of this version."""
    return str(_scripts().get_current_head())


def is_known(revision: str) -> bool:
    """Whether this version has that migration: rows of an older version can be understood, those of a newer cannot."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    return ScriptDirectory.from_config(config)
