"""Image files through Pillow: JPEG, PNG, BMP, JPEG 2000, and TIFF of many pages."""

import io
import math
import struct
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ingest.errors import TooLargeError, UnreadableSourceError
from ingest.sources.interface import MAX_PIXELS, WORKING_PIXELS, Source
from ingest.sources.jpeg2000 import bits_of, deep_colours

__all__ = ["ImageSource"]

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "JPEG2000")
EXIF_ORIENTATION = 0x0112
#: EXIF orientations: those of mirrored pages, and by how many quarters to the left the page is turned then
MIRRORED = (2, 4, 5, 7)
QUARTERS = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}
#: so many rows are handed over at once
STRIP = 512
#: what Pillow raises on broken files, by format
BROKEN = (OSError, SyntaxError, ValueError, TypeError, EOFError, struct.error, IndexError, KeyError, OverflowError)

# Pillow warns above this and refuses twice as much; between the two it is refused below.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class ImageSource(Source):
    """An image file. Pages are decoded one at a time and not kept."""

    def __init__(self, file: Path | bytes) -> None:
        self._whole = file
        with ExitStack() as opened:
            # Pillow leaves a file that it was given open where it fails half way; this closes it
            data: IO[bytes] = io.BytesIO(file) if isinstance(file, bytes) else file.open("rb")
            self._bytes = opened.enter_context(data)
            self._open()
            opened.pop_all()

    def _open(self) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about metadata that nobody needs
                self._file = Image.open(self._bytes, formats=FORMATS)
                self.page_count = int(getattr(self._file, "n_frames", 1)) if self._file.format == "TIFF" else 1
        except Image.DecompressionBombError as error:
            raise TooLargeError(str(error)) from error
        except (*BROKEN, UnidentifiedImageError) as error:
            raise UnreadableSourceError("damaged", str(error)) from error

    def image(self, number: int) -> tuple[NDArray[np.uint8], int]:
        """See Source. EXIF orientation is obeyed; transparency lies on white paper."""
        index = self._index(number)
        try:
            self._file.seek(index)
            self._check_size()
            dpi = _dpi(self._file)
            pixels, scale = self._decoded()
        except Image.DecompressionBombError as error:
            raise TooLargeError(str(error)) from error
        except BROKEN as error:
            raise UnreadableSourceError("damaged", str(error)) from error
        return pixels, round(dpi * scale)

    def _decoded(self) -> tuple[NDArray[np.uint8], float]:
        """RGB pixels and the scale at which they were decoded."""
        wide, tall = self._file.size
        scale = min(1.0, math.sqrt(WORKING_PIXELS / (wide * tall)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            size = (round(wide * scale), round(tall * scale))
            self._file.draft(None, size)  # a JPEG that is more than twice as large is decoded smaller
            frame = self._frame()
            frame.load()  # a TIFF is turned upright by it, and says so afterwards
            pixels = _upright(_pixels(frame, size), frame.getexif().get(EXIF_ORIENTATION, 1))
        if self.page_count == 1:
            self._open()  # lets go of what was decoded: as much again as the pixels
        return pixels, scale

    def _frame(self) -> Image.Image:
        """The page as it is."""
        if self._file.format == "JPEG2000" and self._file.mode in ("RGB", "RGBA"):
            self._bytes.seek(0)
            data = self._bytes.read()
            if (bits := bits_of(data)) > 8:
                return deep_colours(data, bits)
        return self._file

    def jpeg(self, number: int) -> bytes | None:
        """See Source: grey and colour JPEG files that are neither turned nor reduced nor meant for a printing press."""
        plain = self._index(number) == 0 and self._file.format == "JPEG" and self._file.mode in ("L", "RGB")
        upright = self._file.getexif().get(EXIF_ORIENTATION, 1) == 1
        fits = self._file.width * self._file.height <= WORKING_PIXELS
        if not (plain and upright and fits):
            return None
        return self._whole if isinstance(self._whole, bytes) else self._whole.read_bytes()

    def close(self) -> None:
        """See Source."""
        self._file.close()
        self._bytes.close()

    def _check_size(self) -> None:
        wide, tall = self._file.size
        if wide * tall > MAX_PIXELS:
            raise TooLargeError(f"{wide} x {tall} pixels")


def _pixels(frame: Image.Image, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The frame in RGB at that size, strip by strip: Pillow needs four bytes a pixel, and as much to hand it over."""
    if frame.mode == "F":  # its shades are known only when all are seen
        frame = _as_rgb(frame)
    wide, tall = size
    pixels = np.empty((tall, wide, 3), np.uint8)
    step = frame.height / tall
    for top in range(0, tall, STRIP):
        bottom = min(tall, top + STRIP)
        pixels[top:bottom] = np.asarray(_as_rgb(_strip(frame, top * step, bottom * step, (wide, bottom - top))))
    return pixels


def _strip(frame: Image.Image, top: float, bottom: float, size: tuple[int, int]) -> Image.Image:
    """What lies between these heights of a frame, at that size."""
    above, below = math.floor(top), min(frame.height, math.ceil(bottom))
    part = frame.crop((0, above, frame.width, below))
    if part.size == size:
        return part
    grey = part.convert("L") if part.mode == "1" else part
    reduced = grey.resize(
        size, Image.Resampling.BOX, box=(0, top - above, frame.width, min(bottom, frame.height) - above)
    )
    reduced.info.update(frame.info)
    return reduced


def _as_rgb(frame: Image.Image) -> Image.Image:
    if frame.mode in ("I;16", "I;16B", "I;16L", "I"):
        deep = np.asarray(frame).astype(np.float32)
        return Image.fromarray((deep / 257).clip(0, 255).astype(np.uint8)).convert("RGB")
    if frame.mode == "F":
        shades = np.nan_to_num(np.asarray(frame))
        whole = shades if shades.max(initial=0) > 1 else shades * 255
        return Image.fromarray(whole.clip(0, 255).astype(np.uint8)).convert("RGB")
    if frame.has_transparency_data:
        clear = frame.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    return frame if frame.mode == "RGB" else frame.convert("RGB")


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The page as its EXIF orientation says: mirrored first, then turned."""
    mirrored = pixels[:, ::-1] if orientation in MIRRORED else pixels
    return np.ascontiguousarray(np.rot90(mirrored, QUARTERS.get(orientation, 0)))


def _dpi(frame: Image.Image) -> int:
    """The resolution the file claims, if it is one a scanner may have; else 0."""
    claimed = frame.info.get("dpi", (0, 0))
    across = float(claimed[0]) if isinstance(claimed, tuple) else float(claimed)
    return round(across) if 50 <= across <= 2400 else 0
