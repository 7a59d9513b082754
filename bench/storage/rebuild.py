"""An archive of many items is lost and rebuilt from its folder, index included; and where the time goes.

Each item has ten pages with some 500 characters and the box of each, filed by the real code but for the pictures, which
a rebuild never looks at.
"""

import cProfile
import hashlib
import io
import pstats
import random
import time
from collections.abc import Iterator
from pathlib import Path

from archive.catalogue.description import ADDRESS, first_description
from archive.catalogue.filing import enter_item, write_descriptions
from archive.catalogue.models import Control, Retention, TextOrigin
from archive.catalogue.new_item import NewFile, NewItem, NewPage
from archive.catalogue.stored_object import PAGE_TEXTS, page_texts
from archive.cli.init import initialise
from archive.handlers import build_documents, item_ids
from archive.platform.actor import SYSTEM
from archive.platform.audit.sealer import seal_all
from archive.platform.db import Clock, new_id
from archive.platform.delivery import reindex
from archive.platform.journal.writer import write_journal_now
from archive.platform.parts import Parts, open_parts
from archive.preservation.rebuild.rebuilding import rebuild
from archive.settings import Settings
from bench.figures import Figure
from ingest.context import Line, PageText
from storage.layout import Content
from tests.factories.organisation import Organisation, make_organisation

__all__ = ["figures"]

_ITEMS, _PAGES, _LINES, _CHARACTERS = 500, 10, 20, 25
_WORDS = "安全生产车间设备检修年度计划财务决算会议纪要人员培训合同审批档案管理工程质量关于印发通知请示报告"
_GOAL = "≥ 50 items/s"
_BUSIEST = 12


def figures(folder: Path) -> Iterator[Figure]:
    """Items a second, first as it is, then once more under the profiler: which functions take the time."""
    _make(folder / "lost")
    seconds, index_seconds = _rebuild(folder, "again")
    rate = _ITEMS / seconds
    what = f"rebuild, {_ITEMS} items × {_PAGES} pages"
    yield Figure(what, f"{rate:.0f} items/s", f"of it the index: {index_seconds / seconds:.0%}", rate / 50, _GOAL)
    profile = cProfile.Profile()
    profile.enable()
    _rebuild(folder, "profiled")
    profile.disable()
    for line in _busiest(profile):
        yield Figure("  " + line, "", "", None, "")


def _make(folder: Path) -> None:
    """The archive that is lost: its folder but for the store is not looked at again."""
    folder.mkdir()
    chance = random.Random(2021)
    with open_parts(Settings.load(folder, environment={})) as parts:
        initialise(parts)
        with parts.database.writing() as session:
            organisation = make_organisation(session, parts.clock)
        for number in range(_ITEMS):
            _file(parts, organisation, chance, number)
        write_descriptions(parts)
        write_journal_now(parts)
        seal_all(parts)


def _rebuild(folder: Path, name: str) -> tuple[float, float]:
    """Seconds that a rebuild takes, and of these the index."""
    (folder / name).mkdir()
    variables = {"DANGGUI_STORAGE": f"file://{folder / 'lost' / 'store'}", "DANGGUI_FOLDER": str(folder / name)}
    index_seconds = 0.0

    def fill_index(parts: Parts) -> int:
        nonlocal index_seconds
        began = time.perf_counter()
        items = reindex(parts, build_documents, item_ids)
        index_seconds = time.perf_counter() - began
        return items

    with open_parts(Settings.load(environment=variables)) as parts:
        began = time.perf_counter()
        report = rebuild(parts, SYSTEM, fill_index)
        seconds = time.perf_counter() - began
    if report.items != _ITEMS or report.findings:
        raise RuntimeError(f"{report.items} items came back; {report.findings[:3]}")
    return seconds, index_seconds


def _file(parts: Parts, organisation: Organisation, chance: random.Random, number: int) -> None:
    new = _new_item(organisation, chance, number, parts.clock)
    read = [(page.number, 1, TextOrigin.MACHINE, page.text.to_json()) for _, page in new.pages if page.text]
    copies = {PAGE_TEXTS: Content.of_bytes(page_texts(read))}
    now = parts.clock()
    originals = {file.path: Content.of_bytes(b"scan") for file in new.files}
    described = first_description(new, copies, "bench", now)
    changes: dict[str, Content | None] = {**originals, **copies, **described}
    parts.repository.commit(new.id, 1, changes, message="accepted", user="bench", address=ADDRESS, created=now)
    with parts.database.writing() as session:
        enter_item(session, parts.clock, SYSTEM, new, 2021)


def _new_item(organisation: Organisation, chance: random.Random, number: int, clock: Clock) -> NewItem:
    pages = tuple(NewPage(n + 1, n, 0, 2480, 3508, 300, False, _text(chance)) for n in range(_PAGES))
    file = NewFile(1, "", "扫描.pdf", "application/pdf", 4, hashlib.sha256(b"scan").hexdigest(), pages)
    return NewItem(
        id=new_id(),
        fonds_id=organisation.category.fonds_id,
        category_id=organisation.category.id,
        unit_id=organisation.units["BGS"].id,
        box_id=None,
        title=_words(chance),
        document_number=f"江海办〔2021〕{number + 1}号",
        issuer="办公室",
        addressee="",
        date="20210305",
        year=2021,
        retention=Retention.PERMANENT,
        control=Control.INTERNAL,
        accepted_by=organisation.people["archivist"].id,
        accepted_at=clock(),
        files=(file,),
    )


def _text(chance: random.Random) -> PageText:
    edges = tuple(round(place / _CHARACTERS, 4) for place in range(_CHARACTERS + 1))
    lines = []
    for number in range(_LINES):
        top = 300.0 + 130 * number + chance.random()
        quad = ((310.5, top), (2170.25, top + 1.5), (2170.25, top + 71.5), (310.5, top + 70))
        lines.append(Line(_words(chance), quad, edges, 0.9871))
    return PageText(2480, 3508, tuple(lines), "bench 1")


def _words(chance: random.Random) -> str:
    return "".join(chance.choices(_WORDS, k=_CHARACTERS))


def _busiest(profile: cProfile.Profile) -> Iterator[str]:
    """The functions in which most time is spent, without those that they call."""
    stats = pstats.Stats(profile, stream=io.StringIO())
    rows = [(own, calls, place) for place, (_, calls, own, *_rest) in stats.stats.items()]  # type: ignore[attr-defined]
    for own, calls, (file, line, function) in sorted(rows, reverse=True)[:_BUSIEST]:
        share = own / stats.total_tt  # type: ignore[attr-defined]
        yield f"{share:>4.0%} {calls:>9,}× {Path(file).name}:{line} {function}"
