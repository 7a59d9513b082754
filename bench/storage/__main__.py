"""Measures the store, each figure beside a peer in the same run.

python -m bench.storage [NAME...]        all that is quick where nothing is named
"""

import importlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, print_figure, print_head
from tests.servers.process import ServerMissingError

#: modules of this package, each with `figures(folder)`; those below take minutes and are run only by their name
_QUICK = ("write", "fixity", "encryption", "journal", "rebuild", "s3")
_SLOW = ("listing",)


def main() -> None:
    """Print one table."""
    names = sys.argv[1:] or _QUICK
    if unknown := set(names) - {*_QUICK, *_SLOW}:
        sys.exit(f"{', '.join(sorted(unknown))}: not among {', '.join((*_QUICK, *_SLOW))}")
    print_head()
    for name in names:
        for figure in _figures(name):
            print_figure(figure)


def _figures(name: str) -> Iterator[Figure]:
    module = importlib.import_module(f"bench.storage.{name}")
    with tempfile.TemporaryDirectory(prefix="danggui-bench-") as folder:
        try:
            yield from module.figures(Path(folder))
        except ServerMissingError as missing:
            yield Figure(name, "not measured", str(missing), None, "")


if __name__ == "__main__":
    main()
