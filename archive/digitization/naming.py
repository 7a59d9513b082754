"""What a draft is called until it has a title: its file, or which pages of it. Pure."""

from pathlib import PurePath
from typing import Protocol

__all__ = ["PageOfFile", "name_of"]


class PageOfFile(Protocol):
    """A page of a file; `source_page` counts from 0."""

    @property
    def file_id(self) -> str: ...
    @property
    def file_name(self) -> str: ...
    @property
    def source_page(self) -> int: ...


def name_of(first: PageOfFile, last: PageOfFile, *, whole: bool) -> str:
    """The file's own name where these pages are the `whole` of it, else which; for several files the first and last."""
    if first.file_id != last.file_id:
        return f"{PurePath(first.file_name).stem} – {PurePath(last.file_name).stem}"
    if whole:
        return first.file_name
    start, end = first.source_page + 1, last.source_page + 1
    which = f"第{start}页" if start == end else f"第{start}–{end}页"
    return f"{PurePath(first.file_name).stem} · {which}"
