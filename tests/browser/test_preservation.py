"""The archivist looks after what is stored: damage behind the archive's back is named on the page, and mended."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from archive.platform.parts import Location
from archive.preservation.rounds import read_again
from tests.browser.conftest import Served, complaints_of, serving
from tests.factories.kept_archive import kept_archive, stored_file

pytestmark = pytest.mark.servers

ORIGINAL = "v1/content/**/*.png"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An archive with two copies of everything, on a port the system chose."""
    with kept_archive(tmp_path_factory.mktemp("archive") / "kept") as archive, serving(archive) as running:
        yield running


def _round(served: Served) -> None:
    """What the keeper does by itself."""
    for location in Location:
        read_again(served.archive.parts, location)


def test_damage_is_named_and_mended(sign_in: Callable[[str], Page], served: Served, faults: list[str]) -> None:
    """All is well; a file is changed behind the archive's back, the page says what was wrong and that it was mended."""
    page = sign_in("archivist")
    page.get_by_role("link", name="保存状态").click()
    expect(page.get_by_role("row", name=re.compile("^第二存储"))).to_contain_text("等待后台核验")
    _round(served)
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("一切正常")
    expect(page.get_by_role("row", name=re.compile("^第二存储"))).to_contain_text("已完成")
    assert complaints_of(page) == []

    served.archive.clock.pass_time(timedelta(days=170))
    stored_file(served.archive, "lathe", ORIGINAL).write_bytes(b"damaged")
    _round(served)
    sign_in("archivist").get_by_role("link", name="保存状态").click()
    repairs = page.get_by_role("region", name="最近的修复")
    expect(repairs.get_by_role("row")).to_have_count(2)
    expect(repairs).to_contain_text("主存储")
    expect(page.get_by_role("status")).to_contain_text("一切正常")
    assert complaints_of(page) == []


def test_damage_in_both_copies_asks_for_a_person(
    sign_in: Callable[[str], Page], served: Served, faults: list[str]
) -> None:
    """What cannot be mended stays in sight with its file; once it is restored, a check that was ordered clears it."""
    files = [stored_file(served.archive, "safety", ORIGINAL, location) for location in Location]
    stored = files[0].read_bytes()
    for file in files:
        file.unlink()
    served.archive.clock.pass_time(timedelta(days=170))
    _round(served)
    page = sign_in("archivist")
    page.goto(f"{served.address}/preservation")
    expect(page.get_by_role("alert")).to_contain_text("2 份副本损坏或缺失，尚未修复")
    bad = page.get_by_role("region", name="损坏或缺失的副本")
    expect(bad.get_by_role("row")).to_have_count(3)
    expect(bad).to_contain_text("修复未成功")
    assert complaints_of(page) == []

    for file in files:
        file.write_bytes(stored)
    for _ in files:
        bad.get_by_role("button", name="重新核验").first.click()
    expect(bad.get_by_role("button")).to_have_count(0)
    expect(bad.get_by_text("等待核验")).to_have_count(2)
    _round(served)
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("一切正常")
    expect(bad).to_have_count(0)
