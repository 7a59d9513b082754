"""Measures ingest on judged pages (bench.pages), each figure beside a peer in the same run.

python -m bench.ingest [--quick] [--scans PATH]... [NAME...]

Without names all are measured: about ten minutes on two cores, with --quick three. `--scans`: further scans to read.
"""

import argparse
import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, print_figure, print_head
from bench.ingest.setting import Setting, opened
from tests.servers.process import ServerMissingError

#: modules of this package, each with `figures(setting)`
NAMES = (
    "characters",
    "speed",
    "whole",
    "fields",
    "orientation",
    "boxes",
    "separators",
    "conformance",
    "memory",
    "scans",
)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description="Measure ingest on judged pages.")
    parser.add_argument("--quick", action="store_true", help="fewer pages, fewer rounds")
    parser.add_argument("--scans", type=Path, action="append", default=[], help="a file or folder of further scans")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *NAMES], help=", ".join(NAMES))
    arguments = parser.parse_args()
    print_head()
    with (
        tempfile.TemporaryDirectory(prefix="danggui-bench-") as folder,
        opened(Path(folder), quick=arguments.quick, scans=tuple(arguments.scans)) as setting,
    ):
        for name in arguments.names or NAMES:
            for figure in _figures(name, setting):
                print_figure(figure)


def _figures(name: str, setting: Setting) -> Iterator[Figure]:
    module = importlib.import_module(f"bench.ingest.{name}")
    try:
        yield from module.figures(setting)
    except (ServerMissingError, RuntimeError) as reason:
        yield Figure(name, "not measured", str(reason), None, "")


if __name__ == "__main__":
    main()
