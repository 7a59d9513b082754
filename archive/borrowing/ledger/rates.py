"""Rates of use, each as so many of so many."""

import enum
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from archive.borrowing.ledger.models import EffectState, UseEffect
from archive.borrowing.ledger.statistics import Share
from archive.borrowing.ledger.uses import Use, UseWay
from archive.borrowing.models import LineState, ReadingRequest, RequestLine

__all__ = ["Rate", "rates_of"]


class Rate(enum.StrEnum):
    """What is set against what."""

    APPROVED = "approved"  #: lines approved, of those decided, of requests made in the time
    ON_SCREEN = "on_screen"  #: acts of reading on screen, of all acts of reading
    EFFECTS = "effects"  #: effects told, of those asked for in the time


_READ_ON_SCREEN = frozenset({UseWay.SCREEN, UseWay.OPEN, UseWay.STANDING, UseWay.LEADER})
_READ = _READ_ON_SCREEN | {UseWay.PAPER, UseWay.VISITOR}


def rates_of(session: Session, uses: Iterable[Use], begins: datetime, ends: datetime) -> dict[Rate, Share]:
    """The rates of a time, from its first moment until before its last."""
    read = [use for use in uses if use.begins and use.way in _READ]
    made = select(func.count()).select_from(RequestLine).join(RequestLine.request)
    made = made.where(ReadingRequest.created_at >= begins, ReadingRequest.created_at < ends)
    asked = select(func.count()).select_from(UseEffect)
    asked = asked.where(UseEffect.asked_at >= begins, UseEffect.asked_at < ends)

    def lines(*states: LineState) -> int:
        return session.scalar(made.where(RequestLine.state.in_(states))) or 0

    def effects(*also: ColumnElement[bool]) -> int:
        return session.scalar(asked.where(*also)) or 0

    return {
        Rate.APPROVED: Share(lines(LineState.APPROVED), lines(LineState.APPROVED, LineState.REFUSED)),
        Rate.ON_SCREEN: Share(sum(use.way in _READ_ON_SCREEN for use in read), len(read)),
        Rate.EFFECTS: Share(effects(UseEffect.state == EffectState.GIVEN), effects()),
    }
