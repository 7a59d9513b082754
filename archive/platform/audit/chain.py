"""The hash chain, pure: how an entry is written down for ever, and the digest of its link.

This shape is never changed: whoever verifies in thirty years computes the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from archive.platform.audit.models import AuditEntry

__all__ = ["GENESIS", "canonical", "entry_facts", "link_digest", "segment_line"]

#: What the first entry is linked to.
GENESIS = "0" * 64


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and without blanks, in UTF-8: equal data, equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def entry_facts(entry: AuditEntry) -> dict[str, Any]:
    """Everything an entry says, as plain JSON."""
    return {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "action": entry.action,
        "actor_id": entry.actor_id,
        "actor_name": entry.actor_name,
        "os_user": entry.os_user,
        "address": entry.address,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "details": entry.details,
    }


def link_digest(previous: str, facts: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the digest before and the entry."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(facts)).hexdigest()


def segment_line(sequence: int, previous: str, digest: str, facts: Mapping[str, Any]) -> bytes:
    """One line of a sealed segment."""
    return canonical({"sequence": sequence, "previous": previous, "digest": digest, "entry": facts}) + b"\n"
