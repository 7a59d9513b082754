"""A font without ink: gives invisible text its characters and widths, for any script, in a few hundred bytes."""

import struct
import unicodedata

from ingest.derivatives.pdf_file import PdfFile

__all__ = ["GlyphlessFont"]

NAME = "DangguiGlyphless"
#: widths in thousandths of the size, and the glyph that has each
WIDE, NARROW = 1000, 500
GLYPHS = {WIDE: 1, NARROW: 2}
#: PDF readers accept so many entries in one block of the character map
BLOCK = 100


class GlyphlessFont:
    """Collects the characters that a document uses; each gets a two-byte code when it is first met."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encode(self, text: str) -> str:
        """The text as a hexadecimal PDF string."""
        codes = (self._codes.setdefault(char, len(self._codes) + 1) for char in text)
        return "<" + "".join(f"{code:04X}" for code in codes) + ">"

    def width(self, text: str) -> int:
        """How far the text runs, in thousandths of the font size."""
        return sum(_width(char) for char in text)

    def write(self, file: PdfFile, number: int) -> None:
        """Writes the font and all it needs under the reserved object number."""
        program = _truetype()
        data = file.add_packed(program, f"/Length1 {len(program)}")
        box = f"/FontBBox [0 -200 {WIDE} 800] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 800 /StemV 80"
        descriptor = file.add(f"<< /Type /FontDescriptor /FontName /{NAME} /Flags 4 {box} /FontFile2 {data} 0 R >>")
        glyphs = file.add_packed(self._glyph_map())
        widths = " ".join(str(_width(char)) for char in self._codes)
        descendant = file.add(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{NAME} /FontDescriptor {descriptor} 0 R"
            " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
            f" /CIDToGIDMap {glyphs} 0 R /DW {WIDE} /W [1 [{widths}]] >>"
        )
        unicode = file.add_packed(self._unicode_map().encode("ascii"))
        file.add(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{NAME} /Encoding /Identity-H"
            f" /DescendantFonts [{descendant} 0 R] /ToUnicode {unicode} 0 R >>",
            number,
        )

    def _glyph_map(self) -> bytes:
        glyphs = [0, *(GLYPHS[_width(char)] for char in self._codes)]
        return struct.pack(f">{len(glyphs)}H", *glyphs)

    def _unicode_map(self) -> str:
        rows = [f"<{code:04X}> <{_utf_16(char).hex().upper()}>" for char, code in self._codes.items()]
        blocks = [rows[n : n + BLOCK] for n in range(0, len(rows), BLOCK)]
        mapped = "\n".join("\n".join((f"{len(block)} beginbfchar", *block, "endbfchar")) for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{mapped}\n"
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
        )


def _utf_16(char: str) -> bytes:
    """The character's code; half of a pair, which stands for nothing, becomes a question mark."""
    return char.encode("utf-16-be", "replace")


def _width(char: str) -> int:
    return WIDE if unicodedata.east_asian_width(char) in "WFA" else NARROW


def _truetype() -> bytes:
    """A TrueType program of three glyphs without ink: the missing one, a wide one, a narrow one."""
    shapes = _diagonal(WIDE) + _diagonal(NARROW)
    loca = struct.pack(">4H", 0, 0, len(shapes) // 4, len(shapes) // 2)
    head = struct.pack(
        ">IIIIHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, 1000, 0, 0, 0, -200, 1000, 800, 0, 8, 2, 0, 0
    )
    hhea = struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 800, -200, 0, WIDE, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3)
    hmtx = struct.pack(">HhHhHh", WIDE, 0, WIDE, 0, NARROW, 0)
    maxp = struct.pack(">IH13H", 0x10000, 3, 2, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + struct.pack(
        ">HHHHHHHHHHhH", 4, 24, 0, 2, 2, 0, 0, 0xFFFF, 0, 0xFFFF, 1, 0
    )
    post = struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0)
    tables = {
        b"cmap": cmap,
        b"glyf": shapes,
        b"head": head,
        b"hhea": hhea,
        b"hmtx": hmtx,
        b"loca": loca,
        b"maxp": maxp,
        b"post": post,
    }
    return _assembled(tables)


def _diagonal(width: int) -> bytes:
    """An outline of two points: it has an extent, without which some programs skip lone characters, but no area."""
    return struct.pack(">5hHHBB4h", 1, 0, 0, width, 800, 1, 0, 1, 1, 0, width, 0, 800)


def _assembled(tables: dict[bytes, bytes]) -> bytes:
    """The tables behind their directory, with the checksums that the format asks for."""
    offset = 12 + 16 * len(tables)
    directory, body = struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, 0), b""
    for tag, table in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, _checksum(table), offset + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    font = directory + body
    place = offset + sum(len(table) + -len(table) % 4 for tag, table in sorted(tables.items()) if tag < b"head") + 8
    return font[:place] + struct.pack(">I", (0xB1B0AFBA - _checksum(font)) & 0xFFFFFFFF) + font[place + 4 :]


def _checksum(data: bytes) -> int:
    data += bytes(-len(data) % 4)
    words = (int.from_bytes(data[n : n + 4], "big") for n in range(0, len(data), 4))
    return sum(words) & 0xFFFFFFFF
