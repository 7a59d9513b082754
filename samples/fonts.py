"""The typefaces of office documents, found by file name where Debian installs them."""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

__all__ = ["Face", "FontBook"]

#: face -> (file, index inside a collection, Debian package)
FACES = {
    "fang": ("FandolFang-Regular.otf", 0, "texlive-lang-chinese"),
    "kai": ("FandolKai-Regular.otf", 0, "texlive-lang-chinese"),
    "hei": ("FandolHei-Regular.otf", 0, "texlive-lang-chinese"),
    "head": ("NotoSerifCJK-Bold.ttc", 2, "fonts-noto-cjk"),
    "ming": ("uming.ttc", 2, "fonts-arphic-uming"),
    "kai_tw": ("ukai.ttc", 2, "fonts-arphic-ukai"),
    "ming_bold": ("NotoSerifCJK-Bold.ttc", 3, "fonts-noto-cjk"),
    "song": ("FandolSong-Regular.otf", 0, "texlive-lang-chinese"),
    "song_bold": ("FandolSong-Bold.otf", 0, "texlive-lang-chinese"),
    "uming": ("uming.ttc", 0, "fonts-arphic-uming"),
    "fang_tw": ("cwfs.ttf", 0, "fonts-cwtex-fs"),
    "ming_cw": ("cwming.ttf", 0, "fonts-cwtex-ming"),
    "kai_cw": ("cwkai.ttf", 0, "fonts-cwtex-kai"),
    "latin": ("LiberationSerif-Regular.ttf", 0, "fonts-liberation"),
    "latin_bold": ("LiberationSerif-Bold.ttf", 0, "fonts-liberation"),
    "sans": ("LiberationSans-Regular.ttf", 0, "fonts-liberation"),
    "mono": ("LiberationMono-Regular.ttf", 0, "fonts-liberation"),
}
Face = ImageFont.FreeTypeFont


class FontBook:
    """Opens faces by their role; `folders` are searched before the system's own."""

    def __init__(self, folders: tuple[Path, ...] = ()) -> None:
        roots = (*folders, Path("/usr/share/fonts"), Path("/usr/share/texlive"), Path("/usr/share/texmf"))
        self._files = {path.name: path for root in reversed(roots) for path in root.rglob("*.[ot]t[fc]")}
        self.face = lru_cache(self._open)

    def _open(self, role: str, size: int) -> Face:
        name, index, package = FACES[role]
        if name not in self._files:
            raise SystemExit(f"The font {name} is missing: apt-get install {package}, or give its folder with --fonts.")
        return ImageFont.truetype(self._files[name], size, index=index)
