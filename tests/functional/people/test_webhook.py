"""The webhook, posted to a real server in a process of its own."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.models import Outgoing
from archive.platform.notifications.outbox import hand_on
from archive.platform.notifications.service import notify
from archive.platform.notifications.webhook import call_webhook
from archive.platform.parts import Parts
from archive.settings import Settings, SettingsError
from tests.factories.small_archive import SmallArchive
from tests.servers.webhook import webhook_server

_SECRET = "a secret of both sides"


def _calling(small: SmallArchive, url: str, networks: str = "127.0.0.0/8") -> Parts:
    settings = replace(small.parts.settings, webhook=url, webhook_secret=_SECRET, webhook_networks=networks)
    return replace(small.parts, settings=settings)


def _tell(small: SmallArchive) -> None:
    with small.parts.database.writing() as session:
        who, link = [small.people["director"]], "/inbox/cases/1"
        notify(session, small.clock, who, NoticeKind.STEP_DUE, link, number="2021-0012-01", applicant="梁工")


def _waiting(parts: Parts) -> list[Outgoing]:
    with parts.database.reading() as session:
        return list(session.scalars(select(Outgoing)))


def test_ids_and_times_with_a_signature(small: SmallArchive, tmp_path: Path) -> None:
    """It says kind, ids and times, no name and no words, signed over the timestamp and the body as they came."""
    with webhook_server(tmp_path) as server:
        parts = _calling(small, server.url)
        _tell(small)
        assert (hand_on(parts), call_webhook(parts), call_webhook(parts)) == (1, 1, 0)
        (posted,) = server.requests()
    said, headers = json.loads(posted["body"]), posted["headers"]
    assert set(said) == {"id", "kind", "notice", "person", "created_at"}
    assert (said["kind"], said["person"]) == ("step_due", small.people["director"])
    signed = f"{headers['X-Danggui-Timestamp']}.{posted['body']}".encode()
    expected = hmac.new(_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Danggui-Signature"] == f"sha256={expected}"
    assert (posted["path"], headers["X-Danggui-Delivery"]) == ("/hook?x=1", said["id"])
    assert _waiting(parts) == []


@pytest.mark.parametrize("status", [302, 500])
def test_what_is_not_taken_is_posted_again(small: SmallArchive, tmp_path: Path, status: int) -> None:
    """A failure is tried again with the same id; a redirect is no success and is not followed."""
    with webhook_server(tmp_path, status) as server:
        parts = _calling(small, server.url)
        _tell(small)
        hand_on(parts)
        call_webhook(parts)
        assert call_webhook(parts) == 0
        small.clock.pass_time(timedelta(minutes=1))
        assert call_webhook(parts) == 1
        came = server.requests()
    assert [one["path"] for one in came] == ["/hook?x=1"] * 2
    assert len({one["headers"]["X-Danggui-Delivery"] for one in came}) == 1
    assert _waiting(parts)[0].error == f"answered with {status}"


def test_private_addresses_only_as_configured(small: SmallArchive, tmp_path: Path) -> None:
    """An address inside is not called unless its network is named."""
    with webhook_server(tmp_path) as server:
        parts = _calling(small, server.url, networks="10.0.0.0/8")
        _tell(small)
        hand_on(parts)
        call_webhook(parts)
        assert server.requests() == []
    assert "private address" in _waiting(parts)[0].error


@pytest.mark.parametrize(
    "given",
    [
        {"DANGGUI_WEBHOOK": "ftp://example.com/"},
        {"DANGGUI_WEBHOOK": "http://example.com/", "DANGGUI_WEBHOOK_SECRET": _SECRET},
        {"DANGGUI_WEBHOOK": "https://example.com/", "DANGGUI_WEBHOOK_SECRET": "short"},
        {"DANGGUI_WEBHOOK": "https://u:p@example.com/", "DANGGUI_WEBHOOK_SECRET": _SECRET},
        {"DANGGUI_MAIL": "smtp://host?from=nobody"},
        {"DANGGUI_MAIL": "smtp://user:password@host?from=a@b.cn&tls=maybe"},
        {"DANGGUI_URL": "archive.example"},
    ],
)
def test_settings_nobody_can_use(given: dict[str, str]) -> None:
    """They stop the start, in words that show no password."""
    with pytest.raises(SettingsError, match=r"write|add|set") as refused:
        Settings.load(environment=given)
    assert "password@" not in str(refused.value)
