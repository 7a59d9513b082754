"""Marks of state secrecy: which level a mark means, and a record on which one comes to light after it was filed."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from archive.catalogue.models import Item, Page, Secrecy
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.platform.outbox import announce
from archive.platform.secrecy_levels import exceeds
from ingest.context import Proposal

__all__ = ["SecrecyWatch", "check_secrecy", "is_above", "level_of", "set_secrecy"]

#: marks that are none of state secrecy; whatever else is read as a mark is taken for one
_HARMLESS = ("内部", "核心商密", "普通商密")
_LEVELS = {"秘": Secrecy.SECRET, "机": Secrecy.CONFIDENTIAL, "機": Secrecy.CONFIDENTIAL}
_ORDER = list(Secrecy)


class SecrecyWatch(Protocol):
    """Whoever keeps the book of secrecy incidents, for features that change what a record says."""

    def is_let_through(self, page: Page) -> bool:
        """Whether two people said of this page that its mark is none."""

    def report(self, page: Page, level: Secrecy) -> None:
        """A mark came to light on a filed page: nobody may read the record any more, and an incident is entered."""


def level_of(proposals: Sequence[Proposal]) -> Secrecy:
    """The highest level among the marks that were read; control marks such as 内部 mean none."""
    marks = [one.value for one in proposals if one.field == "secrecy" and not one.value.startswith(_HARMLESS)]
    return max((_LEVELS.get(mark[:1], Secrecy.TOP_SECRET) for mark in marks), key=_ORDER.index, default=Secrecy.NONE)


def is_above(level: Secrecy, other: Secrecy) -> bool:
    """Whether a level is higher than another."""
    return _ORDER.index(level) > _ORDER.index(other)


def check_secrecy(level: str, limit: str) -> None:
    """Raise InvalidError (field `secrecy`) for a level above what the archive is declared fit for."""
    if exceeds(level, limit):
        raise InvalidError(_("本系统未获准存放这一密级的文件，请不要验收，立即报告安全保密管理员。"), field="secrecy")


def set_secrecy(session: Session, clock: Clock, actor: Actor, item: Item, level: Secrecy) -> None:
    """Give a record another level; who may know of it follows at once, store and index after a moment."""
    item.secrecy = level
    record(session, clock, actor, AuditAction.ITEM_SECRECY_SET, "item", item.id, secrecy=level.value)
    announce(session, item.id, clock())
