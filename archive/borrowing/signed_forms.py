"""Paper forms that were signed already, entered at the desk: they approve as the inbox does; a scan proves it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from io import BytesIO
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.book import RequestBook, known_item
from archive.borrowing.models import ReadingRequest, SignedForm, SignedStep
from archive.borrowing.rules import MOST_LINES, Wanted, Wish, check_wish
from archive.borrowing.words import PURPOSES
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.approval.chains import chain_for
from archive.platform.approval.service import holders, staffed
from archive.platform.approval.workflow import StepSpec
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ForbiddenError, InvalidError
from archive.platform.evidence import EVIDENCE
from archive.platform.i18n import _
from storage.interface import ObjectStore

__all__ = ["LARGEST_SCAN", "Needed", "Scan", "Signature", "SignedFormService", "keep_scan"]

#: bytes of the scan of a form
LARGEST_SCAN = 20 * 1024 * 1024
_TYPES = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)


@dataclass(frozen=True, slots=True)
class Scan:
    """The scan of a form as it lies in the store."""

    id: str
    key: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Needed:
    """A signature that the form must bear, and whose it can be."""

    spec: StepSpec
    people: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and when (aware)."""

    signer_id: str
    signed_at: datetime


def keep_scan(store: ObjectStore, source: BinaryIO | None) -> Scan:
    """Put the scan into the store. Raises InvalidError (field `scan`), StoreFullError, StoreUnavailableError.

    No transaction may be open: this waits for disks and networks. Without a row that names it nobody sees it.
    """
    data = source.read(LARGEST_SCAN + 1) if source else b""
    kind = next((kind for beginning, kind in _TYPES if data.startswith(beginning)), None)
    if kind is None:
        raise InvalidError(_("请上传已签审批单的扫描件，PDF、JPEG、PNG 或 TIFF。"), field="scan")
    if len(data) > LARGEST_SCAN:
        raise InvalidError(_("扫描件请不超过 {most} MB。"), field="scan", most=LARGEST_SCAN // 1024**2)
    form_id, digest = new_id(), hashlib.sha256(data).hexdigest()
    key = f"{EVIDENCE}signed-forms/{form_id}"
    store.put(key, BytesIO(data), sha256=digest)
    return Scan(form_id, key, kind, len(data), digest)


class SignedFormService:
    """In the caller's transaction and in the actor's name. `zone` fixes the year in numbers."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._book = RequestBook(session, clock, actor, zone)

    def needed(self, reader: Person, wanted: Sequence[Wanted], wish: Wish) -> list[Needed]:
        """The signatures that a form for all of this must bear, in their order.

        Raises InvalidError (nothing is asked for, or nothing of it needs a signature), NotFoundError (an item the
        reader may not know of), ConflictError (nobody could sign).
        """
        if not wanted or len(wanted) > MOST_LINES:
            raise InvalidError(_("请选择文件和申请内容，一份最多 {most} 项。"), field="items", most=MOST_LINES)
        specs: list[StepSpec] = []
        for one in wanted:
            item = known_item(self._session, self._clock, reader, one.item_id)
            chain = chain_for(self._session, facts(item), reader, PURPOSES[wish.kind], one.asked)
            specs += staffed(self._session, chain, reader.id)
        found = [self._needed(spec, reader) for spec in self._each(specs, reader)]
        if not found:
            raise InvalidError(_("这些内容不需要审批，由申请人直接申请即可。"), field="items")
        return found

    def enter(
        self,
        archivist: Person,
        reader: Person,
        wanted: Sequence[Wanted],
        wish: Wish,
        signatures: Sequence[Signature],
        scan: Scan,
    ) -> ReadingRequest:
        """Enter a form: its lines are approved by it. `signatures` stand in the order of `needed`.

        Raises ForbiddenError (not his to do, or his own form), InvalidError (field), NotFoundError, ConflictError.
        """
        _check_desk(archivist, reader)
        check_wish(wish, self._clock())
        self._book.reader(reader)
        needed = self.needed(reader, wanted, wish)
        if len(signatures) != len(needed):
            raise InvalidError(_("请为每个环节填写签字人和签字时间。"), field="signer-1")
        now = self._clock()
        for number, (step, signed) in enumerate(zip(needed, signatures, strict=True), start=1):
            _check_signature(number, step, signed, now)
        form = SignedForm(
            id=scan.id,
            enterer=archivist,
            entered_at=now,
            media_type=scan.media_type,
            size=scan.size,
            sha256=scan.sha256,
            key=scan.key,
            steps=[_row(*one) for one in enumerate(zip(needed, signatures, strict=True), start=1)],
        )
        request = self._book.open(reader, wish, archivist)
        for one in dict.fromkeys(wanted):
            item = known_item(self._session, self._clock, reader, one.item_id)
            self._book.refuse_twice(reader, item, one.asked)
            line = self._book.add(request, item, one)
            line.form = form
            self._book.approve(line)
        said = {"number": request.number, "signers": len(needed), "digests": [scan.sha256]}
        record(self._session, self._clock, self._actor, AuditAction.FORM_ENTERED, "signed_form", form.id, **said)
        return request

    def form(self, form_id: str) -> SignedForm | None:
        """One form with its signatures."""
        return self._session.get(SignedForm, form_id)

    def _each(self, specs: Sequence[StepSpec], reader: Person) -> list[StepSpec]:
        """One step for each signature: where all have to agree, one for each of them."""
        each: list[StepSpec] = []
        for spec in specs:
            people = [one for one in holders(self._session, spec) if one != reader.id] if spec.all_of else []
            each += [StepSpec(person_id=one) for one in people] or [replace(spec, days=None)]
        return list(dict.fromkeys(each))

    def _needed(self, spec: StepSpec, reader: Person) -> Needed:
        ids = [one for one in holders(self._session, spec) if one != reader.id]
        return Needed(spec, self._session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name)).all())


def _check_desk(archivist: Person, reader: Person) -> None:
    if Permission.DESK not in permissions_of(archivist.roles):
        raise ForbiddenError(_("只有档案员可以录入纸质审批单。"))
    if archivist.id == reader.id:
        raise ForbiddenError(_("不能录入自己的审批单，请由另一位档案员录入。"))


def _check_signature(number: int, step: Needed, signed: Signature, now: datetime) -> None:
    if signed.signer_id not in {person.id for person in step.people}:
        raise InvalidError(_("请选择有权审批此环节的签字人。"), field=f"signer-{number}")
    if signed.signed_at > now:
        raise InvalidError(_("签字时间不能晚于现在。"), field=f"signed-{number}")


def _row(position: int, one: tuple[Needed, Signature]) -> SignedStep:
    step, signed = one
    return SignedStep(
        position=position,
        role=step.spec.role,
        unit_id=step.spec.unit_id,
        post_id=step.spec.post_id,
        signer_id=signed.signer_id,
        signed_at=signed.signed_at,
    )
