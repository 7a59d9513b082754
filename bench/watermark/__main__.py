"""Measures the mark nobody sees: how often it is read again, after compression, scaling and cutting, and what it costs.

python -m bench.watermark        about two minutes
"""

import io
import statistics
import time
from collections.abc import Iterator

import numpy as np
from PIL import Image

from archive.discovery.mark_names import mark_name
from archive.discovery.mark_reading import best, read_mark
from archive.discovery.watermark import mark, mark_unseen
from archive.platform.db import utc_now
from tests.factories.drawn_pages import drawn_page

_LINES = ("李工", "工程部", "2021-03-05 10:00", "2021-0012-01")
_TEXT = [
    "关于开展“安全生产月”活动的通知",
    "各部门、各子公司：",
    "今年六月是第二十个全国安全生产月。为深入学习贯彻关于安全",
    "生产的重要论述，落实安全生产责任，经研究决定在全公司开展安",
    "全生产月活动，现将有关事项通知如下：",
]
_WIDTH = 2000
_QUALITIES = (90, 70, 50)
_SCALES = (0.5, 0.75, 1.0, 1.5)
#: left, top, width, height of what somebody keeps: a tile, a strip, a quarter, a page
_CUTS = {"256 px": (700, 300, 256, 256), "a tile": (512, 1024, 512, 512), "1000×700": (300, 900, 1000, 700)}
#: names that were given meanwhile, among which the right one has to be found
_GIVEN = 100_000


def main() -> None:
    """Print the table, then what a tile costs."""
    names = [mark_name(f"person-{n % 300}", f"item-{n}", None, utc_now()) for n in range(_GIVEN)]
    pages = {"white": _page(255, 0), "grey, grainy": _page(236, 3)}
    print(f"read again, among {_GIVEN:,} names ({len(pages)} papers each); JPEG 85 as delivered, then")
    print("cut       scale  " + "  ".join(f"q{quality}" for quality in _QUALITIES))
    for cut, box in _CUTS.items():
        for scale in _SCALES:
            shares = [_share(pages, box, scale, quality, names) for quality in _QUALITIES]
            print(f"{cut:<9} {scale:4.0%}  " + "  ".join(f"{share:4.0%}" for share in shares), flush=True)
    _costs(pages["white"])


def _share(
    pages: dict[str, Image.Image], box: tuple[int, int, int, int], scale: float, quality: int, names: list[str]
) -> float:
    found = 0
    for number, page in enumerate(pages.values()):
        name = names[777 + number]
        picture = _delivered(page, box, name)
        size = (round(picture.width * scale), round(picture.height * scale))
        leaked = _jpeg(picture.resize(size, Image.Resampling.LANCZOS), quality)
        reading = read_mark(np.asarray(leaked.convert("L")))
        answer = best(reading, names) if reading else None
        found += answer is not None and answer.name == name
    return found / len(pages)


def _delivered(page: Image.Image, box: tuple[int, int, int, int], name: str) -> Image.Image:
    left, top, width, height = box
    piece = page.crop((left, top, left + width, top + height))
    return _jpeg(mark_unseen(mark(piece, _LINES, left=left, top=top), name, left=left, top=top), 85)


def _costs(page: Image.Image) -> None:
    """Milliseconds of processor time a tile, in turns with the mark that is seen; and what it does to a picture."""
    tile = page.crop((512, 512, 1024, 1024))
    seen, unseen = zip(*_turns(tile), strict=True)
    marked = np.asarray(mark_unseen(tile, "name")).astype(float)
    error = marked - np.asarray(tile)
    noise = 10 * np.log10(255**2 / np.square(error - error.mean()).mean())
    print(f"a tile of 512 × 512: seen mark {statistics.median(seen):.1f} ms, unseen {statistics.median(unseen):.1f} ms")
    print(f"PSNR {10 * np.log10(255**2 / np.square(error).mean()):.1f} dB; {noise:.1f} dB beside the even darkening")


def _turns(tile: Image.Image) -> Iterator[tuple[float, float]]:
    for number in range(40):
        begin = time.process_time()
        seen = mark(tile, _LINES, left=512 * (number % 4), top=512)
        between = time.process_time()
        mark_unseen(seen, "name", left=512 * (number % 4), top=512)
        yield (between - begin) * 1000, (time.process_time() - between) * 1000


def _page(paper: int, grain: float) -> Image.Image:
    drawn = Image.open(io.BytesIO(drawn_page(_TEXT * 4)[0])).convert("RGB")
    page = np.asarray(drawn.resize((_WIDTH, drawn.height * _WIDTH // drawn.width))).astype(float) * paper / 255
    page += np.random.default_rng(1).normal(0, grain, page.shape[:2])[:, :, None] if grain else 0
    return Image.fromarray(page.clip(0, 255).astype(np.uint8))


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


main()
