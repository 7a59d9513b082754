"""The command line: one small file a command, each imported only when it is called."""

import logging
from importlib import import_module
from pathlib import Path

import click

from archive.cli.errors import failures
from archive.settings import Settings, read_ini

__all__ = ["main"]

#: command -> module and function
_COMMANDS = {
    "init": "archive.cli.init:init",
    "demo": "archive.cli.demo:demo",
    "serve": "archive.cli.serve:serve",
    "ingest": "archive.cli.ingest:ingest",
    "scan": "archive.cli.scan:scan",
    "recognise": "archive.cli.recognise:recognise",
    "search": "archive.cli.search:search",
    "verify": "archive.cli.verify:verify",
    "reindex": "archive.cli.reindex:reindex",
    "backup": "archive.cli.backup:backup",
    "restore": "archive.cli.backup:restore",
    "rebuild": "archive.cli.rebuild:rebuild",
    "administrators": "archive.cli.administrators:administrators",
    "password": "archive.cli.password:password",
    "remove-second-factor": "archive.cli.remove_second_factor:remove_second_factor",
    "audit": "archive.cli.audit:audit",
    "mark": "archive.cli.mark:mark",
    "keys": "archive.cli.keys:keys",
    "doctor": "archive.cli.doctor:doctor",
    "worker": "archive.cli.processes:worker",
    "dispatcher": "archive.cli.processes:dispatcher",
    "keeper": "archive.cli.processes:keeper",
}


class _Commands(click.Group):
    """Finds commands by name and turns the product's errors into one sentence and an exit code."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All commands, in the order of the list; hidden ones hide themselves."""
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, function = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), function)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the chosen command."""
        with failures():
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Use the embedded archive in this folder.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Read settings from this .ini file (danggui.database = ...); the environment wins.",
)
@click.version_option(package_name="danggui")
@click.pass_context
def main(ctx: click.Context, data: Path | None, config: Path | None) -> None:
    """Danggui 档归: a digital archive repository.

    Without --data the settings come from the environment (DANGGUI_DATABASE, DANGGUI_STORAGE, DANGGUI_SEARCH, ...)
    or from --config, and what is not set lies in ./var. No command ever asks a question.

    \b
    Exit codes: 0 done, 1 failed, 2 wrong use, 3 a part (database, store, index) is away: try again later.

    \b
    Example:  danggui --data var demo && danggui --data var serve
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Clients log each failed try with a traceback; what fails in the end is said once, by us.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    ctx.obj = Settings.load(data, ini=read_ini(config) if config else None)
