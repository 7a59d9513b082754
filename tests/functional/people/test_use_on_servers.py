"""Counting use, asking for its effects and handing on notices, on PostgreSQL as on SQLite."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from archive.borrowing.ledger.effects import ask_for_effects
from archive.borrowing.ledger.rates import Rate, rates_of
from archive.borrowing.ledger.register import Register
from archive.borrowing.ledger.uses import UseWay, count
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM
from archive.platform.notifications.models import Channel, Outgoing
from archive.platform.notifications.outbox import delete_old_notices, hand_on
from archive.settings import Settings
from tests.factories.small_archive import small_archive
from tests.factories.used_archive import use

_SECRET = "a secret of both sides"
_ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def test_an_archive_in_use(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Whatever was done in a used archive is in its register, and everybody's notices come into the outbox."""
    settings = Settings.load(tmp_path, environment={})
    if kind == "postgresql":
        settings = replace(settings, database=request.getfixturevalue("postgres_database"))
    with small_archive(tmp_path, settings) as made:
        use(made)
        made.clock.pass_time(timedelta(days=1, hours=1))
        assert ask_for_effects(made.parts) >= 1
        with made.parts.database.writing() as session:
            session.get_one(Person, made.people["engineer"]).email = "engineer@example.com"
            register = Register(session, made.clock, SYSTEM, _ZONE)
            uses = register.uses(date(2021, 3, 1), date(2021, 3, 31))
            begins, ends = made.clock() - timedelta(days=9), made.clock() + timedelta(days=1)
            rates = rates_of(session, uses, begins, ends)
        assert {use.way for use in uses} >= {UseWay.SCREEN, UseWay.PAPER, UseWay.COPY}
        assert count(uses).person_times >= 1
        assert rates[Rate.EFFECTS].part < rates[Rate.EFFECTS].whole
        sending = replace(
            settings,
            mail="smtp://127.0.0.1:1?from=archive@example.com&tls=none",
            webhook="https://example.com/",
            webhook_secret=_SECRET,
        )
        parts = replace(made.parts, settings=sending)
        told = hand_on(parts)
        with parts.database.reading() as session:
            messages = session.scalars(select(Outgoing)).all()
        assert sum(message.channel is Channel.WEBHOOK for message in messages) == told > 0
        assert {message.person_id for message in messages if message.channel is Channel.MAIL} == {
            made.people["engineer"]
        }
        made.clock.pass_time(timedelta(days=400))
        assert delete_old_notices(parts) == told
