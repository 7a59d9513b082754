"""The kinds of documents that judged pages show."""

from bench.pages.layouts import english, simplified, traditional
from bench.pages.layouts.layout import Fields, Layout

__all__ = ["LAYOUTS", "Fields", "Layout"]

LAYOUTS: tuple[Layout, ...] = (*simplified.LAYOUTS, *traditional.LAYOUTS, *english.LAYOUTS)
