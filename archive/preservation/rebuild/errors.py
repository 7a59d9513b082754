"""What stops a rebuild before it begins; the message says what to do."""

__all__ = ["RebuildError"]


class RebuildError(Exception):
    """An archive cannot be rebuilt here."""
