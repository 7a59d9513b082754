"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta

__all__ = ["SetClock"]


class SetClock:
    """Callable like `utc_now`; starts on a working day in March 2021."""

    def __init__(self, now: datetime = datetime(2021, 3, 5, 2, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, time: timedelta) -> None:
        """Move on."""
        self.now += time
