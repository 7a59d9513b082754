"""What a job's handler may raise to say more than "it failed"."""

__all__ = ["JobInterruptedError", "PermanentJobError"]


class JobInterruptedError(Exception):
    """The work was to stop in the middle: it goes on later where it stopped, and this try does not count."""


class PermanentJobError(Exception):
    """Trying again cannot help. `reason` is a short stable code, kept on the job; never content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
