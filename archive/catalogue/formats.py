"""File formats by name, and by their number in the PRONOM registry where it follows from what is known."""

from dataclasses import dataclass

__all__ = ["Format", "format_of"]


@dataclass(frozen=True, slots=True)
class Format:
    """`puid` is empty where it depends on a version that nobody looked for, as with a PDF that came in."""

    name: str
    puid: str = ""


_FORMATS = {
    "application/pdf": Format("PDF"),
    "image/bmp": Format("BMP"),
    "image/jp2": Format("JPEG 2000", "x-fmt/392"),
    "image/jpeg": Format("JPEG", "fmt/43"),
    "image/png": Format("PNG"),
    "image/tiff": Format("TIFF", "fmt/353"),
    "message/rfc822": Format("Internet Message Format", "fmt/278"),
}


def format_of(media_type: str) -> Format:
    """The format of an original; one that is not in the table goes by its media type."""
    return _FORMATS.get(media_type, Format(media_type))
