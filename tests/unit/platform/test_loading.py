"""A process knows all tables before its threads begin."""

import subprocess
import sys

_KEEPER = """
import sys, archive.handlers
from archive.platform.jobs.keeper import Keeper
from archive.platform.tables import MODULES
keeper = Keeper(None, [], None)
keeper.stop()
keeper.run()
print(sorted(set(MODULES) - set(sys.modules)))
"""


def test_the_keeper_loads_all_tables_first() -> None:
    """A keeper that has just started lacks no table; else one of its threads could meet those another half loaded."""
    done = subprocess.run([sys.executable, "-c", _KEEPER], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
