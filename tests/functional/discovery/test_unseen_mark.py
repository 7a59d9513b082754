"""Whoever finds a picture learns to whom it was delivered, although it was compressed, scaled and cut since."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from webtest import TestApp

from archive.cli import main
from archive.discovery.mark_names import deliveries, mark_name
from archive.discovery.mark_reading import best, read_mark
from archive.discovery.watermark import mark_unseen
from tests.factories.small_archive import SmallArchive

Browser = Callable[..., TestApp]

_CUTS = {
    "tile as delivered": ("600,800,512,512", 1.0, 85, None),
    "compressed": ("600,800,512,512", 1.0, 50, None),
    "half as large": ("600,800,512,512", 0.5, 70, None),
    "half as large again": ("600,800,512,512", 1.5, 60, None),
    "a part of a page": ("0,0,1240,1754", 0.8, 70, (203, 311, 700, 640)),
}


def _changed(body: bytes, scale: float, quality: int, cut: tuple[int, int, int, int] | None) -> Image.Image:
    picture = Image.open(io.BytesIO(body)).crop(cut)
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return Image.open(stream)


@pytest.mark.parametrize("case", _CUTS)
def test_mark_survives(browser: Browser, small: SmallArchive, case: str) -> None:
    """A piece that was delivered names its reader, his grant and the hour, among all readings of the archive."""
    region, scale, quality, cut = _CUTS[case]
    grant = small.grant("engineer", "accounts")
    body = browser("engineer").get(f"/iiif/{small.items['accounts']}/1/{region}/max/0/default.jpg").body
    others = [mark_name(f"person-{n}", "item", None, small.clock()) for n in range(5_000)]
    reading = read_mark(np.asarray(_changed(body, scale, quality, cut).convert("L")))
    with small.parts.database.reading() as session:
        given = deliveries(session, small.clock(), small.clock() + timedelta(hours=1))
    found = best(reading, [*others, *given]) if reading else None
    assert found is not None
    assert found.name == mark_name(small.people["engineer"], small.items["accounts"], grant, small.clock())
    assert given[found.name].number == "2021-0012-01"


def test_nobody_is_accused_by_chance() -> None:
    """A picture that never was ours bears no mark; one of another archive's is none of these names."""
    noise = np.random.default_rng(1).integers(230, 256, (320, 320)).astype(np.uint8)
    assert read_mark(noise) is None
    elsewhere = mark_unseen(Image.new("RGB", (700, 700), "white"), "somebody/elsewhere")
    reading = read_mark(np.asarray(elsewhere.convert("L")))
    assert reading is not None
    assert best(reading, [f"person-{n}" for n in range(20_000)]) is None


def test_mark_cannot_be_seen() -> None:
    """It changes no pixel by more than six of 255, and tiles join: a piece has the pattern of the page it is from."""
    page = Image.new("RGB", (600, 600), "white")
    marked = np.asarray(mark_unseen(page, "name")).astype(int)
    assert np.abs(marked - 255).max() <= 6
    piece = np.asarray(mark_unseen(page.crop((200, 300, 500, 600)), "name", left=200, top=300))
    assert (piece == marked[300:600, 200:500]).all()


def test_command_names_the_reader(browser: Browser, small: SmallArchive, tmp_path: Path) -> None:
    """`danggui mark read` says who it was, to those who may ask, and the trail knows that they asked."""
    small.grant("engineer", "accounts")
    body = browser("engineer").get(f"/iiif/{small.items['accounts']}/1/full/max/0/default.jpg").body
    (tmp_path / "found.jpg").write_bytes(body)
    asked = ["--data", str(small.parts.settings.folder), "mark", "read", str(tmp_path / "found.jpg")]
    told = CliRunner().invoke(main, [*asked, "--as", "auditadmin", "--since", "2021-01-01"])
    assert told.exit_code == 0, told.output
    assert "李工" in told.output
    assert "2021-0012-01" in told.output
    assert CliRunner().invoke(main, [*asked, "--as", "engineer"]).exit_code == 1
