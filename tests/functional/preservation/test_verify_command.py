"""`danggui verify`: what it reads, what it prints, how it ends; beside the background rounds and like them."""

import hashlib
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy import select

from archive.catalogue.events import EventOutcome, EventType, PreservationEvent
from archive.catalogue.models import Item
from archive.cli import main
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.sealer import seal_all
from archive.platform.db import new_id
from archive.platform.parts import Location
from archive.preservation.models import CopyState, ObjectCopy
from archive.settings import Settings
from storage.layout import Content
from tests.factories.kept_archive import object_folder, stored_file
from tests.factories.small_archive import SmallArchive

FIRST, SECOND = Location
ORIGINAL = "v1/content/**/*.png"


def verify(archive: SmallArchive, *arguments: str) -> Result:
    """The command on this archive, which is given by its settings: `--data` knows no second store."""
    settings = archive.parts.settings
    named = {**Settings.embedded(settings.folder), "second_storage": settings.second_storage}
    variables = {f"DANGGUI_{name.upper()}": value for name, value in named.items()}
    others = {name: None for name in os.environ if name.startswith("DANGGUI_")}
    return CliRunner().invoke(main, ["verify", *arguments], env={**others, **variables})


def told(result: Result, code: int = 0) -> Any:
    """What it printed with --json."""
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_reads_both_copies_and_notes_it(kept: SmallArchive) -> None:
    """The first store stands on top of the document, the second under its name; all is noted as in a round."""
    document = told(verify(kept, "--json"))
    assert set(document) == {"checked", "bytes", "ok", "damaged", "missing", "second"}
    assert document["checked"] == document["ok"] == document["second"]["ok"] > 0
    with kept.parts.database.reading() as session:
        copies = session.scalars(select(ObjectCopy)).all()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == AuditAction.STORE_VERIFIED)).all()
        events = session.scalars(select(PreservationEvent).where(PreservationEvent.type == EventType.FIXITY_CHECK))
        assert {event.outcome for event in events} == {EventOutcome.SUCCESS}
    assert {(copy.state, copy.checked_at is None) for copy in copies} == {(CopyState.OK, False)}
    assert {entry.details["location"] for entry in entries} == set(Location)


def test_reads_one_store_or_one_item(kept: SmallArchive) -> None:
    """A location and items, by id, code or running number; what does not exist is said."""
    whole = told(verify(kept, "--json", "--location", "second"))
    with kept.parts.database.reading() as session:
        item = session.get_one(Item, kept.items["lathe"])
    assert item.code is not None
    one = [told(verify(kept, "--json", "--location", "second", "--item", name)) for name in (item.id, item.code)]
    assert one[0] == one[1]
    assert 0 < one[0]["checked"] < whole["checked"]
    result = verify(kept, "--item", "Z109-WS·2021-Y-BGS-9999")
    assert result.exit_code == 1
    assert "9999" in result.stderr


def test_reads_a_sample(kept: SmallArchive) -> None:
    """So many in a hundred, and at least one."""
    counts = []
    for percent, number in (("50", 2), ("5", 1)):
        told(verify(kept, "--json", "--location", "primary", "--sample", percent))
        with kept.parts.database.reading() as session:
            checked = session.scalars(select(PreservationEvent.item_id)).all()
        counts.append(number)
        assert len([item_id for item_id in checked if item_id]) >= sum(counts)
    assert verify(kept, "--sample", "0").exit_code == 2
    assert verify(kept, "--sample", "101").exit_code == 2


def test_names_damage_and_mends_it_when_told(kept: SmallArchive) -> None:
    """Without --repair damage is named and left, exit code 1; with it, it is named and mended, exit code 0."""
    file = stored_file(kept, "lathe", ORIGINAL)
    file.write_bytes(b"other")
    named = [f"{kept.items['lathe']}/{file.relative_to(object_folder(kept, 'lathe'))}"]
    assert told(verify(kept, "--json"), 1)["damaged"] == named
    assert file.read_bytes() == b"other"
    document = told(verify(kept, "--json", "--repair"))
    assert (document["damaged"], document["repaired"]) == (named, [kept.items["lathe"]])
    assert "second" in document
    assert "repaired" not in told(verify(kept, "--json"))


def test_names_objects_without_a_row_and_rows_without_an_object(kept: SmallArchive) -> None:
    """An object the database does not know is a stray, no failure; a row whose object is gone is missing."""
    stray = new_id()
    kept.parts.repository.commit(
        stray,
        1,
        {"a.txt": Content.of_bytes(b"a")},
        message="x",
        user="x",
        address="urn:x:y",
        created=kept.clock(),
    )
    assert told(verify(kept, "--json"))["strays"] == [stray]
    assert stray in verify(kept).stdout
    shutil.rmtree(object_folder(kept, "lathe"))
    document = told(verify(kept, "--json"), 1)
    assert document["missing"] == [kept.items["lathe"]]


def test_names_damage_of_the_trail(kept: SmallArchive) -> None:
    """What belongs to no item is read too, when everything is: a damaged segment is named, and no success."""
    seal_all(kept.parts)
    place = kept.parts.stores[FIRST]
    (key,) = [stored.key for stored in place.list("audit/")]
    place.replace(key, io.BytesIO(b""), sha256=hashlib.sha256().hexdigest())
    assert told(verify(kept, "--json"), 1)["shared"] == {"primary": {"damaged": [key], "repaired": []}}
    assert f"primary: damaged: {key}" in verify(kept).stdout


def test_state_is_there_at_once(kept: SmallArchive) -> None:
    """With --state nothing is read: the figures of the last checks are printed."""
    before = told(verify(kept, "--state", "--json"))
    assert before["copies"]["primary"]["never"] == 4
    stored_file(kept, "lathe", ORIGINAL).unlink()
    verify(kept)
    state = told(verify(kept, "--state", "--json"))
    assert (state["copies"]["primary"]["bad"], state["copies"]["second"]["bad"]) == (1, 0)
    assert state["bad"][0]["item_id"] == kept.items["lathe"]
    printed = verify(kept, "--state").stdout
    assert "1 bad" in printed
    assert kept.items["lathe"] in printed


def test_another_place_is_not_taken_for_a_loss(kept: SmallArchive) -> None:
    """With the second store's disk not mounted nothing is called missing: the command says so and ends with 3."""
    second = Path(kept.parts.stores[SECOND].url.removeprefix("file://"))
    second.rename(second.with_name("elsewhere"))
    result = verify(kept, "--location", "second")
    assert result.exit_code == 3
    assert "is its disk mounted" in result.stderr
    with kept.parts.database.reading() as session:
        assert set(session.scalars(select(ObjectCopy.state))) == {CopyState.UNCHECKED}


def test_no_second_store_to_read(tmp_path: Path) -> None:
    """Asked for a second store that is not set, the command says what to set."""
    folder = tmp_path / "archive"
    assert CliRunner().invoke(main, ["--data", str(folder), "init"]).exit_code == 0
    result = CliRunner().invoke(main, ["--data", str(folder), "verify", "--location", "second"])
    assert result.exit_code == 1
    assert "DANGGUI_SECOND_STORAGE" in result.stderr
