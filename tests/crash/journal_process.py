"""A process that writes the journal of an archive, or a snapshot of it, and is killed where `DANGGUI_FAULT` says.

`python -m tests.crash.journal_process journal|snapshot`; the archive is the one that the environment names.
"""

import sys

from archive.platform.journal.snapshot import take_snapshot
from archive.platform.journal.writer import write_journal_now
from archive.platform.parts import open_parts
from archive.settings import Settings

if __name__ == "__main__":
    with open_parts(Settings.load()) as parts:
        {"journal": write_journal_now, "snapshot": take_snapshot}[sys.argv[1]](parts)
