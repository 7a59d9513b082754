"""Small scans for tests: pages with something on them, and files that are broken in every way that has been met."""

import io
import struct
import zlib

from PIL import Image, ImageDraw

__all__ = ["huge_png", "jpeg", "locked_pdf", "page", "pdf", "png", "tiff"]


def page(width: int = 300, height: int = 420, text: str = "Danggui") -> Image.Image:
    """A white page with a word and a black corner, so that turning shows."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle([0, 0, width // 4, height // 8], fill="black")
    draw.text((width // 3, height // 2), text, fill="black", font_size=24)
    return picture


def jpeg(picture: Image.Image, orientation: int = 1, dpi: int = 200) -> bytes:
    """The picture as JPEG whose EXIF says how it is to be turned."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    picture.save(out, "JPEG", exif=exif, dpi=(dpi, dpi), quality=95)
    return out.getvalue()


def png(picture: Image.Image) -> bytes:
    """The picture as PNG."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def tiff(pictures: list[Image.Image], compression: str = "tiff_lzw") -> bytes:
    """Pictures as the pages of a TIFF."""
    out = io.BytesIO()
    pictures[0].save(out, "TIFF", save_all=True, append_images=pictures[1:], compression=compression, dpi=(300, 300))
    return out.getvalue()


def pdf(picture: Image.Image, rotate: int = 0, dpi: tuple[float, float] = (300, 300)) -> bytes:
    """The picture as the only thing on the page of a PDF, which says that it is to be turned."""
    import pikepdf

    made, out = io.BytesIO(), io.BytesIO()
    picture.save(made, "PDF", dpi=dpi)
    with pikepdf.open(made) as document:
        document.pages[0].rotate(rotate, relative=False)
        document.save(out)
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that claim to be a picture of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def locked_pdf() -> bytes:
    """A PDF of one page that opens with a password only."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(200, 200))
        document.save(out, encryption=pikepdf.Encryption(owner="owner", user="secret"))
    return out.getvalue()
