"""What a person typed about the plan of a batch and its originals, as values; what cannot be used is said beside it."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from archive.digitization.errors import FieldsError
from archive.platform.i18n import _
from ingest.context import ColourMode

__all__ = ["count_of", "plan_values"]

_PEOPLE = ("prepared_by", "scanned_by", "checked_by")
_COUNTS = ("expected_items", "expected_sheets", "expected_pages")
_MOST = 9_999_999


def plan_values(sent: Mapping[str, str], people: Collection[str]) -> dict[str, Any]:
    """The columns of BatchPlan that the form sets; `people`: ids that may be chosen. Raises FieldsError."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {name: sent.get(name) or None for name in _PEOPLE}
    errors |= {
        name: _("请从列表中选择。") for name in _PEOPLE if values[name] is not None and values[name] not in people
    }
    for name in _COUNTS:
        values[name] = count_of(sent.get(name, ""))
        if values[name] is None and sent.get(name, "").strip():
            errors[name] = _("请填写整数，不确定的留空。")
    values["device"] = sent.get("device", "").strip()[:100]
    values["wanted_dpi"] = _within(count_of(sent.get("wanted_dpi", "")), 100, 1200)
    values["wanted_colour"] = _colour(sent.get("wanted_colour", ""))
    values["check_demanded"] = sent.get("check_demanded") == "yes"
    values["share"] = _percent(sent.get("share", ""))
    values["least"] = _within(count_of(sent.get("least", "")), 1, _MOST)
    values["highest_error"] = _percent(sent.get("highest_error", ""), lowest=0)
    limits = {
        "wanted_dpi": _("请填写 100 到 1200 之间的整数。"),
        "share": _("请填写 0.1 到 100 之间的百分数。"),
        "least": _("请填写不小于 1 的整数。"),
        "highest_error": _("请填写 0 到 100 之间的百分数。"),
    }
    errors |= {name: message for name, message in limits.items() if values[name] is None}
    if errors:
        raise FieldsError(errors)
    return values


def count_of(text: str) -> int | None:
    """A whole number from 0, None where there is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,7}", text.strip()) else None


def _within(number: int | None, lowest: int, highest: int) -> int | None:
    return number if number is not None and lowest <= number <= highest else None


def _percent(text: str, lowest: float = 0.1) -> float | None:
    written = text.strip().rstrip("%％")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", written):
        return None
    return float(written) if lowest <= float(written) <= 100 else None


def _colour(text: str) -> ColourMode | None:
    return ColourMode(text) if text in set(ColourMode) else None
