"""What stops a backup or a restore; the message says what to do."""

__all__ = ["BackupError"]


class BackupError(Exception):
    """A backup cannot be made, or cannot be restored here."""
