"""What a form sent, as text that every database keeps."""

from collections.abc import Mapping

__all__ = ["sent_text"]


def sent_text(sent: Mapping[str, str], name: str) -> str:
    """A field, empty if it was not sent. PostgreSQL keeps no NUL in text."""
    return str(sent.get(name, "")).replace("\0", "")
