"""The font that is shipped: Noto Sans SC, built from a registry package like the other assets."""

from pathlib import Path

__all__ = ["FONT"]

FONT = Path(__file__).parent / "NotoSansSC-Regular.ttf"
