"""Forms of people and units: short lines of text, each with what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.platform.sent import sent_text

__all__ = ["Line", "check_lines", "read_lines"]


@dataclass(frozen=True, slots=True)
class Line:
    """A field: how long it may be, and whether it has to be filled."""

    most: int
    required: bool = True


def read_lines(sent: Mapping[str, str], fields: Mapping[str, Line]) -> dict[str, str]:
    """The fields as they were sent, without blanks around them and without what no database keeps."""
    return {name: sent_text(sent, name).strip() for name in fields}


def check_lines(values: Mapping[str, str], fields: Mapping[str, Line]) -> list[InvalidError]:
    """What is wrong with them, field by field."""
    wrong = []
    for name, line in fields.items():
        if line.required and not values[name]:
            wrong.append(InvalidError(_("请填写此项。"), field=name))
        elif len(values[name]) > line.most or not values[name].isprintable():
            wrong.append(InvalidError(_("最多 {most} 个字，不能换行。"), field=name, most=line.most))
    return wrong
