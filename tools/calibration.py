"""Makes ingest/calibration.tif: lines of made pages, as the engine cuts them, to calibrate the 8-bit recogniser on.

    python -m tools.calibration

Only run to change them: the file is committed, so that models can be built without fonts. No figure is measured on the
pages of this seed.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.pages import make_pages
from ingest import models
from ingest.engines.detector import Detector
from ingest.engines.geometry import lying
from ingest.engines.ppocr import fitted
from ingest.engines.recogniser import SQUEEZED, cut_line

TARGET = Path(__file__).parent.parent / "ingest" / "calibration.tif"
SEED, PAGES = 987654, 24
#: more change nothing
LINES = 96


def main() -> None:
    """Cuts all lines of the pages, and keeps some."""
    cv2.setNumThreads(1)
    detector = Detector(models.model_path(models.DETECTOR))
    lines = [line for page in make_pages(SEED, PAGES) for line in _lines(detector, page.pixels)]
    chosen = np.random.default_rng(0).permutation(len(lines))[:LINES]
    first, *rest = [Image.fromarray(lines[n]).convert("L") for n in chosen]
    first.save(TARGET, save_all=True, append_images=rest, compression="jpeg", quality=80)


def _lines(detector: Detector, page: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    quads = [lying(quad) for quad in detector.find(page)]
    return [cut_line(part, quad, SQUEEZED) for part, quad in fitted(page, quads)]


if __name__ == "__main__":
    main()
