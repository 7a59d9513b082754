"""How objects are locked is said in a few words, and what cannot be meant is refused with what to write instead."""

from pathlib import Path

import pytest

from archive.settings import LockRule, Settings, SettingsError
from storage.locks import LockMode


def _rule(lock: str) -> LockRule | None:
    return Settings.load(environment={"DANGGUI_FOLDER": "/nowhere", "DANGGUI_LOCK": lock}).lock_rule


def test_what_can_be_written() -> None:
    """Days of governance, none at all, or compliance with its typed warning; without a word, a year of governance."""
    assert _rule("governance:90") == LockRule(LockMode.GOVERNANCE, 90)
    assert _rule("off") is None
    assert _rule("compliance:3650:nobody-can-delete-before-the-date") == LockRule(LockMode.COMPLIANCE, 3650)
    assert Settings.load(Path("/nowhere"), environment={}).lock_rule == LockRule(LockMode.GOVERNANCE, 365)


@pytest.mark.parametrize("lock", ["governance", "governance:", "governance:0", "governance:-1", "365", "on", "oFF:3"])
def test_what_cannot(lock: str) -> None:
    """Anything else is refused when the settings are read, and the message says what to write."""
    with pytest.raises(SettingsError, match=r"DANGGUI_LOCK is .* write governance:DAYS"):
        _rule(lock)


def test_governance_needs_no_warning() -> None:
    """A warning typed for the wrong mode is a mistake, not a wish."""
    with pytest.raises(SettingsError, match=r"write governance:30$"):
        _rule("governance:30:nobody-can-delete-before-the-date")


@pytest.mark.parametrize("lock", ["compliance:30", "compliance:30:yes"])
def test_compliance_is_never_by_accident(lock: str) -> None:
    """Compliance without the typed warning is refused, with a sentence that says what it means."""
    with pytest.raises(
        SettingsError, match="nobody, not even whoever owns the bucket, can delete anything for 30 days"
    ):
        _rule(lock)
