"""The box that a separator sheet names: what lies behind it goes there."""

import re
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.models import Box, Retention
from archive.digitization.fields import DraftFields
from archive.digitization.models import Batch, Draft

__all__ = ["box_finding", "box_of_label", "in_box"]

_LINE = re.compile(r"^box:(.+)$", re.MULTILINE)
_LABEL = re.compile(r".+-(\d{4})-(Y|D30|D10)-.+-(\d+)")


def in_box(session: Session, draft: Draft, fields: DraftFields) -> DraftFields:
    """The fields with the box that the sheet before the draft names, and with what is the same for all in it.

    What a person typed stays.
    """
    box = box_of_label(session, label) if (label := _label(draft.separator)) else None
    if box is None or box.fonds_id != draft.batch.fonds_id:
        return fields
    of_box: dict[str, Any] = {
        "box_id": box.id,
        "year": box.year,
        "retention": box.retention.value,
        "unit_id": box.unit_id,
    }
    return replace(fields, **{name: value for name, value in of_box.items() if name not in draft.typed})


def box_finding(session: Session, batch: Batch, separator: str) -> list[dict[str, Any]]:
    """What is wrong with the box that these lines of a sheet name; nothing if they name none."""
    label = _label(separator)
    if not label:
        return []
    box = box_of_label(session, label)
    if box is not None and box.fonds_id == batch.fonds_id:
        return []
    code = "box_unknown" if box is None else "box_of_other_fonds"
    return [{"code": code, "page": None, "value": {"label": label}}]


def _label(separator: str) -> str:
    found = _LINE.search(separator)
    return found[1] if found else ""


def box_of_label(session: Session, label: str) -> Box | None:
    """The box of this label, e.g. `Z109-2021-Y-BGS-1`."""
    said = _LABEL.fullmatch(label)
    if said is None:
        return None
    wanted = select(Box).where(Box.year == int(said[1]), Box.retention == Retention(said[2]))
    boxes = session.scalars(wanted.where(Box.number == int(said[3])))
    return next((box for box in boxes if box.label == label), None)
