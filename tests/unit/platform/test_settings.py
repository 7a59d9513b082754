"""Settings: declared once, documented, and a wrong value stops the start with a sentence that names it."""

from dataclasses import fields
from pathlib import Path

import pytest

from archive.settings import Settings, SettingsError, read_ini

DOCS = Path(__file__).parents[3] / "docs" / "settings.md"


def test_every_setting_is_documented() -> None:
    """Each setting stands in docs/settings.md under the name of its environment variable."""
    text = DOCS.read_text(encoding="utf-8")
    missing = [f.name for f in fields(Settings) if f"`DANGGUI_{f.name.upper()}`" not in text]
    assert missing == []


def test_environment_wins_over_ini(tmp_path: Path) -> None:
    """A value in the environment wins over the same value in the ini file, and that over the default."""
    ini = {"danggui.folder": str(tmp_path), "danggui.organisation": "甲公司", "danggui.timezone": "Asia/Taipei"}
    settings = Settings.load(ini=ini, environment={"DANGGUI_ORGANISATION": "乙公司"})
    assert settings.organisation == "乙公司"
    assert settings.timezone == "Asia/Taipei"
    assert settings.database == f"sqlite:///{tmp_path / 'danggui.db'}"


def test_data_folder_ignores_addresses_of_the_environment(tmp_path: Path) -> None:
    """`--data DIR` keeps the whole archive in that folder, whatever servers the environment names."""
    settings = Settings.load(tmp_path, environment={"DANGGUI_DATABASE": "postgresql+psycopg://elsewhere/x"})
    assert settings.database.startswith("sqlite:///")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DANGGUI_DATABASE", "mysql://x"),
        ("DANGGUI_STORAGE", "ftp://x"),
        ("DANGGUI_SEARCH", "solr://x"),
        ("DANGGUI_WORKERS", "local://0"),
        ("DANGGUI_TIMEZONE", "Asia/Nowhere"),
        ("DANGGUI_CLOSING", "25:00"),
    ],
)
def test_wrong_value_is_named(name: str, value: str, tmp_path: Path) -> None:
    """A value that cannot be used is refused with its name and what to write instead."""
    with pytest.raises(SettingsError, match=name) as error:
        Settings.load(environment={"DANGGUI_FOLDER": str(tmp_path), name: value})
    assert "write" in str(error.value)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("file:///srv/a", "file:///srv/a/"),
        ("file:///srv/a", "file:///srv/a/second"),
        ("file:///srv/a/b", "file:///srv/x/../a"),
        ("s3://bucket/a?endpoint=https://s3.example", "s3://bucket/a/?endpoint=https://s3.example/&region=x"),
        ("s3://bucket", "s3://bucket/second"),
    ],
)
def test_the_second_store_is_another_place(first: str, second: str) -> None:
    """Two addresses of one place, or one place in the other, are no second copy."""
    with pytest.raises(SettingsError, match="same place"):
        Settings.load(environment={"DANGGUI_STORAGE": first, "DANGGUI_SECOND_STORAGE": second})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("file:///srv/a", "file:///srv/ab"),
        ("s3://bucket/a", "s3://bucket/b"),
        ("s3://bucket/a?endpoint=https://one.example", "s3://bucket/a?endpoint=https://two.example"),
    ],
)
def test_the_second_store_may_lie_beside_the_first(first: str, second: str) -> None:
    """Names that begin alike, other prefixes and other servers are other places."""
    settings = Settings.load(environment={"DANGGUI_STORAGE": first, "DANGGUI_SECOND_STORAGE": second})
    assert settings.second_storage == second


def test_ini_file(tmp_path: Path) -> None:
    """The `danggui.` lines of any section are read as they stand, other lines are somebody else's."""
    path = tmp_path / "danggui.ini"
    path.write_text("[app:main]\ndanggui.database = sqlite:////x%20y.db\n[server:main]\nport = 1\n", encoding="utf-8")
    assert read_ini(path) == {"danggui.database": "sqlite:////x%20y.db"}


@pytest.mark.parametrize("text", ["danggui.database = no section\n", "[a]\ndanggui.databse = typo\n"])
def test_wrong_ini_file_is_named(text: str, tmp_path: Path) -> None:
    """A file that is no `.ini`, or a setting nobody knows, stops the start with a sentence that names it."""
    path = tmp_path / "danggui.ini"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"danggui\.ini"):
        read_ini(path)
