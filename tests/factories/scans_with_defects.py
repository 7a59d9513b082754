"""Scans drawn from known text, and the defects that are planted in them, each as strong as a test wants."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from archive.discovery.watermark import FONT
from ingest.context import Line, PageText

__all__ = ["Scan", "bilevel", "blurred", "bordered", "clean_scan", "coarse", "cut", "darkened", "faded", "skewed"]

MM = 25.4
#: A4 in inches; margins and pitch in millimetres
WIDE, TALL, LEFT, TOP, PITCH = 8.27, 11.69, 28.0, 37.0, 9.5
WORDS = "关于做好年度归档文件整理工作的通知各部门应当按照规定时限将办理完毕的文件移交档案室统一保管并编制目录"


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as the pipeline judges it: RGB pixels, dots per inch, and its lines with their boxes."""

    image: NDArray[np.uint8]
    dpi: int
    text: PageText


def clean_scan(seed: int = 1, *, dpi: int = 300, print_mm: float = 5.6, lines: int = 22, paper: int = 245) -> Scan:
    """A page of running text, evenly lit, with the softness and the grain of a good scanner."""
    rng = np.random.default_rng(seed)
    dots, size = dpi / MM, round(print_mm * dpi / MM)
    sheet = Image.new("L", (round(WIDE * dpi), round(TALL * dpi)), paper)
    draw, font = ImageDraw.Draw(sheet), ImageFont.truetype(FONT, size)
    count = int((WIDE * dpi - 2 * LEFT * dots) / size)
    read = [_line(draw, font, rng, count, (LEFT + TOP * 1j + n * PITCH * 1j) * dots) for n in range(lines)]
    soft = cv2.GaussianBlur(np.asarray(sheet, np.float32), (0, 0), max(0.3, dpi / 300 * 0.7))
    grain = rng.normal(0, 2.0, soft.shape)
    grey = (soft + grain).clip(0, 255).astype(np.uint8)
    return Scan(_rgb(grey), dpi, PageText(sheet.width, sheet.height, tuple(read), "drawn 1"))


def skewed(scan: Scan, degrees: float) -> Scan:
    """The sheet lay askew by so many degrees."""
    tall, wide = scan.image.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), degrees, 1.0)
    image = np.asarray(cv2.warpAffine(scan.image, turn, (wide, tall), borderValue=(245, 245, 245)), np.uint8)
    return Scan(image, scan.dpi, _moved(scan.text, np.asarray(turn, np.float64), (wide, tall)))


def cut(scan: Scan, side: str, millimetres: float) -> Scan:
    """The picture ends so far inside of its print, at `side`: left, right, top or bottom."""
    corners = np.array([corner for line in scan.text.lines for corner in line.quad])
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    off, (tall, wide) = millimetres / MM * scan.dpi, scan.image.shape[:2]
    x = round(left + off) if side == "left" else 0
    y = round(top + off) if side == "top" else 0
    to_x = round(right - off) if side == "right" else wide
    to_y = round(bottom - off) if side == "bottom" else tall
    image = np.ascontiguousarray(scan.image[y:to_y, x:to_x])
    return Scan(image, scan.dpi, _moved(scan.text, np.array([[1, 0, -x], [0, 1, -y]]), (to_x - x, to_y - y)))


def bordered(scan: Scan, millimetres: float) -> Scan:
    """The lid was open: black around the sheet, on two sides, unevenly wide."""
    image, (tall, wide) = scan.image.copy(), scan.image.shape[:2]
    deep = millimetres / MM * scan.dpi
    for points in (
        [(0, 0), (deep, 0), (deep * 1.4, tall), (0, tall)],
        [(0, 0), (wide, 0), (wide, deep * 1.2), (0, deep)],
    ):
        cv2.fillPoly(image, [np.array(points, np.int32)], (12, 12, 12))
    return replace(scan, image=image)


def blurred(scan: Scan, millimetres: float, *, along: bool = False) -> Scan:
    """Out of focus by so much (standard deviation), or moved along the page by it."""
    dots = millimetres / MM * scan.dpi
    if along:
        image = cv2.blur(scan.image, (1, max(1, round(dots * 3.5))))
    else:
        image = cv2.GaussianBlur(scan.image, (0, 0), dots)
    return replace(scan, image=np.asarray(image, np.uint8))


def darkened(scan: Scan, share: float) -> Scan:
    """All as dark as this share of its brightness."""
    return replace(scan, image=(scan.image * share).astype(np.uint8))


def faded(scan: Scan, share: float, paper: int = 250) -> Scan:
    """Only this share of the contrast is left, on paper of this shade."""
    pale = paper - (255.0 - scan.image) * share
    return replace(scan, image=pale.clip(0, 255).astype(np.uint8))


def coarse(scan: Scan, dpi: int, *, said: bool = True) -> Scan:
    """The same sheet at fewer dots per inch; the file says how many, or does not."""
    scale = dpi / scan.dpi
    image = cv2.resize(scan.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    moved = _moved(scan.text, np.array([[scale, 0, 0], [0, scale, 0]]), (image.shape[1], image.shape[0]))
    return Scan(np.asarray(image, np.uint8), dpi if said else 0, moved)


def bilevel(scan: Scan, threshold: int = 150) -> Scan:
    """In black and white, as a fax machine makes it."""
    return replace(scan, image=_rgb(np.where(scan.image[:, :, 1] > threshold, 255, 0).astype(np.uint8)))


def _line(
    draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, rng: np.random.Generator, count: int, place: complex
) -> Line:
    text = "".join(rng.choice(list(WORDS), count))
    draw.text((place.real, place.imag), text, fill=35, font=font)
    left, top, right, bottom = draw.textbbox((place.real, place.imag), text, font=font)
    more = font.size * 0.12
    quad = (
        (left - more, top - more),
        (right + more, top - more),
        (right + more, bottom + more),
        (left - more, bottom + more),
    )
    return Line(text, quad, tuple(n / count for n in range(count + 1)), 0.98)


def _moved(text: PageText, matrix: NDArray[np.float64], size: tuple[int, int]) -> PageText:
    """The lines where the matrix (2, 3) brings them; what lies outside of the picture is gone."""
    lines = []
    for line in text.lines:
        corners = np.array(line.quad) @ matrix[:, :2].T + matrix[:, 2]
        inside = corners.clip((0, 0), size)
        if np.ptp(inside[:, 0]) > 4 and np.ptp(inside[:, 1]) > 4:
            lines.append(replace(line, quad=tuple((float(x), float(y)) for x, y in inside)))
    return PageText(*size, tuple(lines), text.engine)


def _rgb(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(grey[:, :, None], 3, axis=2)
