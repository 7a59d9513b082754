"""Recognition alone, from file to text, on both cores: against tesseract as it runs fastest."""

from collections.abc import Iterator

from bench.figures import Figure
from bench.ingest import tesseract
from bench.ingest.costs import in_turns
from bench.ingest.setting import Setting

__all__ = ["figures"]


def figures(setting: Setting) -> Iterator[Figure]:
    """Pages a minute, and seconds of processor time a page."""
    count = 12 if setting.quick else 24
    pages, paths = setting.pages[:count], setting.paths[:count]
    setting.cost(paths[:4], "ppocr")  # opens the models in every process
    costs = in_turns(
        {
            "ours": lambda: setting.cost(paths, "ppocr"),
            "tesseract": lambda: tesseract.cost(pages, paths, setting.folder / "speed"),
        },
        setting.rounds,
    )
    ours, peer = costs["ours"], costs["tesseract"]
    yield Figure(
        "recognition on both cores",
        f"{count / ours.wall * 60:.0f} pages/min",
        f"tesseract {count / peer.wall * 60:.0f}",
        peer.wall / ours.wall,
        ">= 2.2",
    )
    yield Figure(
        "processor time a page",
        f"{ours.cpu / count:.2f} s",
        f"tesseract {peer.cpu / count:.2f}",
        peer.cpu / ours.cpu,
        ">= 2.2",
    )
