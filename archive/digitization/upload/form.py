"""The form for more scans: where they go and how they are divided; what was begun and not ended."""

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.models import Box, Category, Fonds
from archive.digitization.models import Batch, BatchSource, SplitRule, Splitting
from archive.digitization.separators.words import SPLIT_RULES
from archive.digitization.service import IntakeService
from archive.digitization.upload.arriving import arrived
from archive.digitization.upload.models import Upload
from archive.digitization.upload.service import UploadService
from archive.platform.accounts.models import Person
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["PIECE", "chosen_splitting", "intake_choices", "open_batch", "upload_form"]

#: bytes of a piece; the browser sends these and no more
PIECE = 4 << 20
_MOST_PAGES = 10_000
_BOXES = 200


def upload_form(request: Request) -> dict[str, Any]:
    """What the form for more scans shows: the choices, and what was begun and not ended."""
    begun = UploadService(request.db, request.clock).unfinished(request.identity)
    return {**intake_choices(request), "piece": PIECE, "unfinished": [_begun(request, *one) for one in begun]}


def intake_choices(request: Request) -> dict[str, Any]:
    """Where scans may go and how they may be divided: for every form that opens a batch."""
    wanted = select(Category).join(Fonds).order_by(Fonds.code, Category.electronic_only, Category.code)
    boxes = request.db.scalars(select(Box).order_by(Box.id.desc()).limit(_BOXES))
    return {
        "categories": [
            (one.id, f"{one.fonds.code} {one.fonds.name} · {one.code} {one.name}") for one in request.db.scalars(wanted)
        ],
        "rules": [(rule.value, request.translate(words)) for rule, (words, _when) in SPLIT_RULES.items()],
        "box_labels": [box.label for box in boxes],
    }


def _begun(request: Request, batch: Batch, uploads: list[Upload]) -> dict[str, Any]:
    settings = request.parts.settings
    came = sum(one.size if one.whole else arrived(settings, batch.id, one.id) for one in uploads)
    return {
        "batch": batch,
        "files": len(uploads),
        "whole": sum(one.whole for one in uploads),
        "came": came,
        "size": sum(one.size for one in uploads),
    }


def chosen_splitting(form: Mapping[str, Any]) -> Splitting:
    """How the batch is to be divided, by the fields of the form. Raises InvalidError."""
    rule = str(form.get("rule") or SplitRule.FILE.value)
    pages = str(form.get("pages", "")).strip()
    if rule not in set(SplitRule):
        raise InvalidError(_("请选择拆分方式。"), field="rule")
    if rule == SplitRule.EVERY and not (pages.isdecimal() and 1 <= int(pages) <= _MOST_PAGES):
        raise InvalidError(_("请填写每件的页数，如 2。"), field="pages")
    return Splitting(SplitRule(rule), int(pages) if rule == SplitRule.EVERY else 0, bool(form.get("duplex")))


def open_batch(
    session: Session,
    intake: IntakeService,
    source: BatchSource,
    person: Person,
    form: Mapping[str, Any],
    batch_id: str,
) -> Batch:
    """A batch for `source`, by the fields of the form. Raises NotFoundError for a box that is not there."""
    label = str(form.get("box", "")).strip()
    return intake.open_batch(
        person,
        session.get(Category, str(form.get("category", ""))) or intake.default_category(electronic_only=False),
        source,
        batch_id=batch_id,
        box=intake.box_of_label(label) if label else None,
        splitting=chosen_splitting(form),
    )
