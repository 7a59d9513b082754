"""A whole archive with keys: it is filed, read and searched as ever, and the store betrays not a word."""

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from webtest import TestApp

from archive.app import make_app
from archive.catalogue.filing import write_descriptions
from archive.cli import main
from archive.platform.audit.sealer import seal_all
from archive.platform.audit.verify import verify as verify_trail
from archive.platform.journal.writer import write_journal_now
from archive.platform.outbox import announce
from archive.platform.parts import Location, open_parts
from archive.settings import Settings
from storage.encryption.key_file import KeyFile
from storage.errors import KeyMissingError, NotStoredError
from storage.layout import Content, Outcome, Repository
from storage.testing.judge import assert_valid_repository
from tests.factories.browsing import sign_in
from tests.factories.small_archive import SmallArchive, small_archive

#: words of titles, pages, people and codes of the small archive
_WORDS = ["安全生产", "数控车床", "财务决算", "干部考察", "江海生", "触电", "孙敏"]
_WRITTEN = [form for word in _WORDS for form in (word.encode(), word.encode("utf-16-be"), ascii(word)[1:-1].encode())]
_FORMATS = [b"\x89PNG", b"%PDF", b"PK\x03\x04", b"danggui-item", b"danggui-journal"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallArchive]:
    """An archive with a key file, after everything it knows has been brought to the store."""
    folder = tmp_path_factory.mktemp("encrypted")
    keys = KeyFile.create(folder / "danggui.keys").path
    (folder / "archive").mkdir()
    settings = replace(Settings.load(folder / "archive", environment={}), keys=keys.as_uri())
    with small_archive(settings.folder, settings) as made:
        with made.parts.database.writing() as session:
            for item_id in made.items.values():
                announce(session, item_id, made.parts.clock())
        write_descriptions(made.parts)
        seal_all(made.parts)
        write_journal_now(made.parts)
        yield made


@pytest.fixture(scope="module")
def browser(archive: SmallArchive) -> Callable[[str], TestApp]:
    """Opens a browser, signed in as somebody."""
    app = make_app(archive.parts)

    def open_browser(login: str) -> TestApp:
        opened = TestApp(app)
        sign_in(opened, login)
        return opened

    return open_browser


def _run(archive: SmallArchive, *arguments: str, **settings: str) -> Result:
    """A command on this archive, which is given by addresses: `--data` reads no key file."""
    parts = archive.parts.settings
    named = {f"DANGGUI_{name.upper()}": value for name, value in parts.embedded(parts.folder).items()}
    others = {name: None for name in os.environ if name.startswith("DANGGUI_")}
    return CliRunner().invoke(main, list(arguments), env={**others, **named, "DANGGUI_KEYS": parts.keys, **settings})


def test_the_store_betrays_no_word(archive: SmallArchive) -> None:
    """No title, no text, no name of a person and no known file format is found in any byte the store holds."""
    store = archive.parts.stores[Location.PRIMARY]
    content = {
        stored.key: store.read(stored.key)
        for stored in store.list()
        if not stored.key.startswith("keys/") and (not stored.key.startswith("ocfl/") or "/content/" in stored.key)
    }
    places = {key.partition("/")[0] for key in content}
    assert {"ocfl", "intake", "audit", "journal"} <= places
    for sign in [*_WRITTEN, *_FORMATS]:
        assert [key for key, data in content.items() if sign in data] == []
    metadata = archive.parts.repository.read(archive.items["safety"], "metadata/item.json")
    assert any(form in metadata for form in _WRITTEN[:3])


def test_inventories_name_no_record(archive: SmallArchive) -> None:
    """What stays readable in the store, the inventories, holds no title, text, code or users' file name."""
    store = archive.parts.stores[Location.PRIMARY]
    inventories = [store.read(stored.key) for stored in store.list("ocfl/") if stored.key.endswith("inventory.json")]
    assert len(inventories) >= 2 * len(archive.items)
    for sign in [*_WRITTEN, "扫描".encode()]:
        assert not any(sign in data for data in inventories)


def test_pages_are_shown(archive: SmallArchive, browser: Callable[[str], TestApp]) -> None:
    """A reader gets the page image and the PDF through the guard, and search finds the words."""
    item = archive.items["safety"]
    reader = browser("accountant")
    picture = Image.open(io.BytesIO(reader.get(f"/iiif/{item}/2/full/max/0/default.jpg").body))
    assert picture.size == Image.open(io.BytesIO(archive.parts.repository.read(item, "content/0002.png"))).size
    assert "应急演练" in reader.get("/search", {"q": "应急演练"}).text
    with archive.parts.repository.open(item, "derivatives/access.pdf") as pdf:
        assert pdf.read(5) == b"%PDF-"


def test_the_stored_objects_need_no_key_to_be_judged(archive: SmallArchive, tmp_path: Path) -> None:
    """As it lies the repository is valid OCFL, and every file is found ok by whoever has no key."""
    place = archive.parts.stores[Location.PRIMARY]
    assert_valid_repository(place, tmp_path / "judged")
    for item in archive.items.values():
        assert {check.outcome for check in Repository(place).verify(item)} == {Outcome.OK}
    assert verify_trail(archive.parts).ok


def test_without_the_key_file_it_does_not_open(archive: SmallArchive, tmp_path: Path) -> None:
    """Without keys, or with others, nothing starts, and the sentence says what is missing."""
    settings = archive.parts.settings
    with pytest.raises(KeyMissingError, match="set DANGGUI_KEYS"), open_parts(replace(settings, keys="")):
        pass
    others = KeyFile.create(tmp_path / "others.keys").path.as_uri()
    wanted = KeyFile(settings.key_file or Path()).current
    with pytest.raises(KeyMissingError, match=wanted), open_parts(replace(settings, keys=others)):
        pass
    for keys, said in (("", "set DANGGUI_KEYS"), (others, wanted), ("file:///nowhere/at.all", "cannot be read")):
        failed = _run(archive, "verify", DANGGUI_KEYS=keys)
        assert failed.exit_code == 1
        assert said in failed.stderr
        doctor = json.loads(_run(archive, "doctor", "--json", DANGGUI_KEYS=keys).stdout)
        (finding,) = [part for part in doctor["parts"] if part["part"] == "encryption"]
        assert (finding["ok"], said in finding["says"]) == (False, True)


def test_without_keys_nothing_is_written_in_plain(tmp_path: Path) -> None:
    """A process without keys that could not ask, when it started, refuses to write where another one encrypts."""
    settings = Settings.load(tmp_path, environment={})
    keys = KeyFile.create(tmp_path / "danggui.keys").path.as_uri()
    told = b"the minutes of a meeting"
    digest = hashlib.sha256(told).hexdigest()
    with open_parts(settings) as unaware, open_parts(replace(settings, keys=keys)) as encrypting:
        encrypting.store.put("intake/0001", io.BytesIO(told), sha256=digest)
        with pytest.raises(KeyMissingError, match="set DANGGUI_KEYS"):
            unaware.store.put("intake/0002", io.BytesIO(told), sha256=digest)
        with pytest.raises(KeyMissingError, match="set DANGGUI_KEYS"):
            unaware.repository.commit(
                "minutes",
                1,
                {"minutes.txt": Content.of_bytes(told)},
                message="accepted",
                user="",
                address="mailto:archive@example.org",
                created=unaware.clock(),
            )
        place = encrypting.stores[Location.PRIMARY]
        assert [stored.key for stored in place.list() if told in place.read(stored.key)] == []
        assert {stored.key.split("/")[0] for stored in place.list()} == {"intake", "keys"}


def test_rotating(archive: SmallArchive) -> None:
    """A prepared master key is taken, all data keys come under it, it is noted once, and what runs goes on reading."""
    before = json.loads(_run(archive, "keys", "status", "--json").stdout)
    (old,) = before["masters"]
    assert old == {"name": before["current"], "in_file": True, "primary": len(archive.items) + 1}
    prepared = _run(archive, "keys", "rotate", "--prepare")
    assert prepared.exit_code == 0, prepared.output
    new = json.loads(_run(archive, "keys", "status", "--json").stdout)["prepared"]
    assert new in prepared.output
    rotated = _run(archive, "keys", "rotate")
    assert f"{len(archive.items) + 1} data keys" in rotated.stdout
    after = json.loads(_run(archive, "keys", "status", "--json").stdout)
    assert (after["current"], after["prepared"]) == (new, None)
    assert [master["primary"] for master in after["masters"]] == [0, len(archive.items) + 1]
    assert "not in use" in _run(archive, "keys", "status").stdout
    item = archive.items["lathe"]
    assert archive.parts.repository.read(item, "content/0001.png").startswith(b"\x89PNG")
    with open_parts(archive.parts.settings) as opened:
        assert opened.repository.read(item, "content/0001.png").startswith(b"\x89PNG")
    doctor = json.loads(_run(archive, "doctor", "--json").stdout)
    assert f"on, with the master key {new}" in [part["says"] for part in doctor["parts"]]


def test_removing_takes_the_key_along(archive: SmallArchive) -> None:
    """When an item's object is removed its wrapped key is gone from the store."""
    item = archive.items["accounts"]
    place = archive.parts.stores[Location.PRIMARY]
    (key,) = [stored.key for stored in place.list("keys/") if item in stored.key]
    archive.parts.repository.remove(item)
    with pytest.raises(NotStoredError):
        place.stat(key)


def test_commands_make_key_files(tmp_path: Path) -> None:
    """`danggui keys new` makes a file once, and says how to switch encryption on."""
    file = tmp_path / "danggui.keys"
    made = CliRunner().invoke(main, ["keys", "new", str(file)])
    assert made.exit_code == 0, made.output
    assert f"DANGGUI_KEYS={file.as_uri()}" in made.stdout
    before = file.read_bytes()
    again = CliRunner().invoke(main, ["keys", "new", str(file)])
    assert (again.exit_code, file.read_bytes()) == (1, before)
    nowhere = CliRunner().invoke(main, ["keys", "new", str(tmp_path / "no" / "such" / "folder")])
    assert nowhere.exit_code == 1
    assert "cannot be made" in nowhere.stderr
