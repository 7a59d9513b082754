"""What can go wrong with a scan, as the archivist may mend it. Each has a stable `reason` for the catalogues.

IngestError
├── UnreadableSourceError     not an image or PDF we can read, or damaged   (reason: damaged, empty, not_supported, ...)
│   ├── PasswordNeededError   the PDF is locked with a password
│   └── TooLargeError         more pixels than are safe to open
├── ScannerError              a scanner does not do what it was asked     (reason: scanner_absent, scanner_busy, ...)
└── EngineUnavailableError    the chosen recognition engine is not installed
"""

__all__ = [
    "EngineUnavailableError",
    "IngestError",
    "PasswordNeededError",
    "ScannerError",
    "TooLargeError",
    "UnreadableSourceError",
]


class IngestError(Exception):
    """Something that ingest could not do."""

    reason = "failed"


class UnreadableSourceError(IngestError):
    """A file that is not a readable scan.

    `reason`: damaged, empty, not_supported, misnamed, password or too_large.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class PasswordNeededError(UnreadableSourceError):
    """The PDF needs a password; save it without one and send it again."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("password", detail)


class TooLargeError(UnreadableSourceError):
    """A page of more pixels than are safe to open on this machine."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("too_large", detail)


class ScannerError(IngestError):
    """A scanner does not do what it was asked.

    `reason`: scanner_absent, scanner_busy, scanner_cover_open, scanner_empty, scanner_failed, scanner_jammed or
    scanner_program.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


class EngineUnavailableError(IngestError):
    """The chosen recognition engine is not installed here; the message says what to install."""

    reason = "engine_unavailable"
