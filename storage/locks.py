"""Locks on single objects, where a bucket offers them: until a date, or as long as a legal hold lasts."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Lock", "LockMode", "ObjectLocks"]


class LockMode(StrEnum):
    """Who may lift a lock before its date."""

    GOVERNANCE = "governance"  #: whoever has the right to bypass it, as an executed disposal does
    COMPLIANCE = "compliance"  #: nobody at all


@dataclass(frozen=True, slots=True)
class Lock:
    """How an object is locked: until when (aware), in which mode, and whether a legal hold lies on it."""

    mode: LockMode | None = None
    until: datetime | None = None
    held: bool = False


class ObjectLocks(ABC):
    """Locks the newest version of objects of one store."""

    @abstractmethod
    def lock(self, key: str, until: datetime, mode: LockMode = LockMode.GOVERNANCE) -> None:
        """Lock until a date (aware); a lock that lasts longer already stays. Raises NotStoredError."""

    @abstractmethod
    def hold(self, key: str, *, held: bool) -> None:
        """Lay a legal hold on the object, or lift it. Raises NotStoredError."""

    @abstractmethod
    def status(self, key: str) -> Lock:
        """How the object is locked now. Raises NotStoredError."""
