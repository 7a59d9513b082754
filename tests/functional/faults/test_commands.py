"""What commands say when something is wrong: one sentence in the person's language, an exit code, never a traceback."""

import io
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from archive.cli import main
from tests.factories.installation import Installation
from tests.factories.small_archive import SmallArchive, small_archive
from tests.unit.records.scans import bomb, broken_jpeg, locked_pdf, tiff, zip_archive

_NOBODY = "127.0.0.1:1"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallArchive]:
    """An archive that is only read here."""
    with small_archive(tmp_path_factory.mktemp("archive")) as made:
        yield made


def _run(archive: SmallArchive, *arguments: str, **settings: str) -> Result:
    """A command on this archive, some of whose parts may be set to others."""
    kept = {name: None for name in os.environ if name.startswith("DANGGUI_") or name in {"LC_ALL", "LC_MESSAGES"}}
    embedded = {
        f"DANGGUI_{name.upper()}": value
        for name, value in archive.parts.settings.embedded(archive.parts.settings.folder).items()
    }
    environment = {**kept, **embedded, "DANGGUI_ENGINE": "null", "LANG": "C", **settings}
    return CliRunner().invoke(main, list(arguments), env=environment)


def _sentence(result: Result, code: int = 1) -> str:
    """The one line a command that failed has said."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert isinstance(result.exception, SystemExit)
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("name", "data", "english", "chinese"),
    [
        ("a.jpg", b"", "The file is empty", "文件是空的"),
        ("a.jpg", broken_jpeg(), "The file is damaged", "文件已损坏"),
        ("a.pdf", locked_pdf(), "The PDF has a password", "PDF 设有密码"),
        ("a.png", bomb(), "too many pixels", "页面像素过大"),
        ("a.pdf", zip_archive(), "not what the name says", "文件内容与扩展名不符"),
        ("a.doc", b"only words", "PDF, TIFF, JPEG, PNG or .eml", "这不是可识别的扫描件"),
    ],
)
def test_recognise_says_what_is_wrong_with_a_file(
    archive: SmallArchive, tmp_path: Path, name: str, data: bytes, english: str, chinese: str
) -> None:
    """Each kind of bad file has its sentence, in the terminal's language."""
    (tmp_path / name).write_bytes(data)
    assert english in _sentence(_run(archive, "recognise", str(tmp_path / name)))
    assert chinese in _sentence(_run(archive, "recognise", str(tmp_path / name), "--json", LANG="zh_CN.UTF-8"))


def test_recognise_of_a_page_that_is_not_there(archive: SmallArchive, tmp_path: Path) -> None:
    """A page beyond the last is named, with the last."""
    (tmp_path / "a.tif").write_bytes(tiff(2))
    assert "has no page 3: its last is 2" in _sentence(
        _run(archive, "recognise", str(tmp_path / "a.tif"), "--page", "3")
    )


@pytest.mark.parametrize("query", ["题名:", "年度:今年", "AND", "。、！", "(" * 40 + "甲", "甲乙" * 400])
def test_search_explains_a_mistake(archive: SmallArchive, query: str) -> None:
    """A query that cannot be understood gets advice, in the terminal's language."""
    english = _sentence(_run(archive, "search", query, "--as", "engineer"))
    chinese = _sentence(_run(archive, "search", query, "--as", "engineer", "--json", LANG="zh_CN.UTF-8"))
    assert english.removeprefix("Error: ").isprintable()
    assert english.split(":")[1][:6].isascii()
    assert any("一" <= sign <= "鿿" for sign in chinese)


#: part -> those that cannot be asked without it
_LEANING = {
    "database": ("workers", "keeper", "store outbox", "journal", "index outbox", "fixity", "reading room"),
    "store": ("encryption", "journal", "locks", "fixity"),
}


@pytest.mark.parametrize(
    ("broken", "settings"),
    [
        ("database", {"DANGGUI_DATABASE": f"postgresql+psycopg://nobody@{_NOBODY}/none"}),
        ("database", {"DANGGUI_DATABASE": "sqlite:////no/such/folder/danggui.db"}),
        ("database", {"DANGGUI_DATABASE": f"sqlite:///{__file__}"}),
        ("store", {"DANGGUI_STORAGE": "file:///no/such/folder"}),
        ("store", {"DANGGUI_STORAGE": "file:///proc"}),
        ("store", {"DANGGUI_STORAGE": "s3://"}),
        ("index", {"DANGGUI_SEARCH": f"http://{_NOBODY}/none"}),
        ("index", {"DANGGUI_SEARCH": "embedded:///no/such/folder"}),
        ("index", {"DANGGUI_SEARCH": f"embedded://{__file__}"}),
        ("engine", {"DANGGUI_ENGINE": "crystal-ball"}),
    ],
)
def test_doctor_names_what_is_broken(archive: SmallArchive, broken: str, settings: dict[str, str]) -> None:
    """One line a part: the broken one says what is wrong and how to mend it, the others are asked all the same."""
    result = _run(archive, "doctor", **settings, AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b")
    assert result.exit_code == 1, result.output
    lines = {line.split(": ")[0].split(maxsplit=1)[1]: line for line in result.stdout.splitlines()}
    assert {"database", "store", "index", "engine", "workers", "keeper", "disk"} <= set(lines)
    assert lines[broken].startswith("WRONG")
    assert " -> " in lines[broken]
    # /proc has no room either.
    wrong = {part for part, line in lines.items() if line.startswith("WRONG")} - {"disk"}
    assert wrong <= {broken, *_LEANING.get(broken, ())}
    assert "Traceback" not in result.output


def test_serve_on_an_address_it_cannot_have(archive: SmallArchive) -> None:
    """An address that is none, or is taken, is said, and nothing is started."""
    assert "cannot listen on nonsense" in _sentence(_run(archive, "serve", "--listen", "nonsense"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [*Installation(archive.parts.settings.folder, {}).command, "serve", "--listen", address]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert told.stderr.startswith(f"Error: cannot listen on {address}")


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if not command.hidden:
            yield (*path, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


def test_every_command_that_is_shown_has_an_example() -> None:
    """Also those of groups, and those to come."""
    shown = list(_commands(main))
    assert ("audit", "verify") in shown
    for path in shown:
        told = CliRunner().invoke(main, [*path, "--help"])
        assert told.exit_code == 0
        assert "Example:" in told.output, path


class _Untouchable(io.RawIOBase):
    """A standard input nobody may read."""

    def readable(self) -> bool:
        """It could be read."""
        return True

    def readinto(self, _buffer: object) -> int:
        """But must not."""
        raise AssertionError("a command asked a question")


@pytest.mark.parametrize(
    "arguments",
    [
        ["init"],
        ["search", "通知", "--as", "engineer"],
        ["verify"],
        ["reindex"],
        ["audit", "verify"],
        ["doctor"],
        ["recognise", "/no/such/file"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_no_command_asks_a_question(archive: SmallArchive, arguments: list[str]) -> None:
    """None reads its standard input."""
    folder = str(archive.parts.settings.folder)
    result = CliRunner().invoke(main, ["--data", folder, *arguments], input=io.BufferedReader(_Untouchable()))
    assert not isinstance(result.exception, AssertionError)
    assert result.exit_code in {0, 1, 2}


def test_odd_files_are_named_and_the_rest_goes_on(small: SmallArchive, tmp_path: Path) -> None:
    """Names in an old encoding become readable, a pipe is not waited for, and the good scan beside them is filed."""
    scans = tmp_path / "scans"
    scans.mkdir()
    Path(os.fsdecode(os.fsencode(scans) + b"/" + "旧名".encode("gb18030") + b".tif")).write_bytes(tiff(1))
    (scans / "坏\n名.jpg").write_bytes(broken_jpeg())
    pipe = tmp_path / "pipe.tif"
    os.mkfifo(pipe)
    settings = {"DANGGUI_ENGINE": "null", "DANGGUI_WORKERS": "local://1"}
    installation = Installation(small.parts.settings.folder, settings)
    told = installation.ask("ingest", "--accept", "--as", "archivist", str(scans), str(pipe), code=1)
    assert (told["pages"], told["items"]) == (1, 1)
    assert [(one["source"], one["reason"]) for one in told["failed"]] == [
        (str(scans / "坏\n名.jpg"), "damaged"),
        (str(pipe), "unreadable"),
    ]
    found = installation.ask("search", "题名:旧名", "--as", "archivist")
    assert [hit["title"] for hit in found["hits"]] == ["旧名"]
