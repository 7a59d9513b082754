"""The same figures on both databases: SQLite, and a PostgreSQL server of its own."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from archive.settings import Settings
from bench.figures import Figure, print_figure, print_head
from tests.servers.postgres import fresh_database, postgres_server
from tests.servers.process import ServerMissingError

__all__ = ["print_on_both"]


def print_on_both(figures: Callable[[str, Path, Settings], Iterator[Figure]]) -> None:
    """Print one table of what `figures` measures, given the name of the database, an empty folder and settings."""
    print_head()
    with tempfile.TemporaryDirectory(prefix="danggui-bench-") as folder:
        for figure in figures("SQLite", Path(folder), Settings.load(Path(folder), environment={})):
            print_figure(figure)
    try:
        with postgres_server() as server, fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
            settings = replace(Settings.load(Path(folder), environment={}), database=url)
            for figure in figures("PostgreSQL", Path(folder), settings):
                print_figure(figure)
    except ServerMissingError as missing:
        print_figure(Figure("PostgreSQL", "not measured", str(missing), None, ""))
