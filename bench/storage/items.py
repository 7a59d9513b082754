"""An item as all measurements write it: one version, dated now."""

from collections.abc import Mapping
from datetime import UTC, datetime

from storage.layout import Content, Repository

__all__ = ["commit_item"]


def commit_item(repository: Repository, name: str, changes: Mapping[str, Content | None]) -> None:
    """Make version 1 of an object."""
    note = {"message": "accepted", "user": "bench", "address": "urn:danggui:bench"}
    repository.commit(name, 1, changes, **note, created=datetime.now(UTC))
