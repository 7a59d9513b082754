"""What crash tests kill: `python -m tests.crash.copying_process ACT …`, with `DANGGUI_FAULT` in the environment.

`copy SOURCE TARGET` and `repair DAMAGED GOOD` work on one object in two stores; `keep FOLDER SECOND` and
`mend FOLDER SECOND ITEM` on a whole archive and its second store.
"""

import sys
from dataclasses import replace
from pathlib import Path

from archive.platform.parts import Location, Parts, open_parts
from archive.preservation.copying import keep_copies
from archive.preservation.repair import repair
from archive.settings import Settings
from storage import open_store
from storage.copies import copy_object, repair_object
from tests.crash.storage_writer import ITEM


def main(act: str, first: str, second: str, *more: str) -> None:
    """Do one thing."""
    if act == "copy":
        copy_object(open_store(first), open_store(second), ITEM)
    elif act == "repair":
        repair_object(open_store(first), open_store(second), ITEM)
    else:
        settings = replace(Settings.load(Path(first), environment={}), second_storage=second)
        with open_parts(settings) as parts:
            _in_archive(act, parts, *more)


def _in_archive(act: str, parts: Parts, *more: str) -> None:
    if act == "keep":
        keep_copies(parts)
    else:
        repair(parts, more[0], Location.SECOND)


if __name__ == "__main__":
    main(*sys.argv[1:])
