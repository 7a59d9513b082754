"""The audit trail: sealed into a chain, kept in the store, and whoever tampers with it is found out."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from archive.platform.actor import Actor
from archive.platform.audit import sealer
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry, AuditLink, AuditSegment
from archive.platform.audit.sealer import OtherTrailError, seal, seal_all
from archive.platform.audit.service import record
from archive.platform.audit.verify import Flaw, Report, verify
from archive.platform.parts import Parts
from tests.factories.clock import SetClock

WHO = Actor("p1", "沈鉴", os_user="shen", address="10.0.0.7")


def act(parts: Parts, *subjects: str) -> None:
    """Something happens to each of these."""
    with parts.database.writing() as session:
        for subject in subjects:
            record(session, parts.clock, WHO, AuditAction.PAGE_READ, "item", subject, page=3, digests=["a", "b"])


def break_into(parts: Parts, *statements: str, **values: Any) -> None:
    """What somebody with the database's password may do: he takes the triggers away first."""
    with parts.database.writing() as session:
        if not parts.database.is_sqlite:
            session.execute(text("SET session_replication_role = replica"))
        else:
            names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                session.execute(text(f"DROP TRIGGER {name}"))
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            session.execute(text(statement), values)


def flaws(report: Report) -> set[tuple[Flaw, int]]:
    """What was found, where."""
    return {(finding.flaw, finding.sequence) for finding in report.findings}


@pytest.fixture
def sealed(parts: Parts) -> Parts:
    """An archive with four sealed entries: its own beginning and three more."""
    act(parts, "a", "b", "c")
    seal_all(parts)
    return parts


def test_whole_chain_is_confirmed(sealed: Parts) -> None:
    """Nothing was touched: the chain is confirmed to its end, and it is said what still waits."""
    act(sealed, "d")
    report = verify(sealed)
    assert report.ok
    assert (report.sealed, report.unsealed, report.segments, report.reach) == (4, 1, 1, 4)


def test_sequence_has_no_gaps(parts: Parts) -> None:
    """However entries come and whoever seals, sequences are 1, 2, 3 and each entry has one."""
    for subject in "abc":
        act(parts, subject, subject * 2)
        seal(parts)
    with parts.database.reading() as session:
        sequences = session.scalars(select(AuditLink.sequence).order_by(AuditLink.sequence)).all()
        assert list(sequences) == [1, 2, 3, 4, 5, 6, 7]
        assert len(session.scalars(select(AuditEntry.id)).all()) == 7


def test_segments_are_written_when_due(parts: Parts, clock: SetClock) -> None:
    """A segment is written when its first entry has waited a minute, not for every entry."""
    seal(parts)
    assert verify(parts).segments == 0
    clock.pass_time(timedelta(minutes=2))
    act(parts, "a")
    seal(parts)
    report = verify(parts)
    assert (report.segments, report.reach) == (1, 2)


def test_killed_between_store_and_row(sealed: Parts) -> None:
    """A segment that was stored but not noted is noted later, and the next continues it."""
    break_into(sealed, "DELETE FROM audit_segment")
    act(sealed, "d")
    seal_all(sealed)
    report = verify(sealed)
    assert report.ok
    assert (report.segments, report.reach) == (2, 5)
    with sealed.database.reading() as session:
        assert session.scalars(select(AuditSegment.last).order_by(AuditSegment.first)).all() == [4, 5]


@pytest.mark.parametrize(
    "column", ["action = 'x:y:z'", "actor_name = '无人'", "subject_id = 'x'", "details = '{}'", "address = NULL"]
)
def test_changed_entry_is_found(sealed: Parts, column: str) -> None:
    """Whatever is changed in an entry is found."""
    break_into(sealed, f"UPDATE audit_entry SET {column} WHERE subject_id = 'b'")
    assert flaws(verify(sealed)) == {(Flaw.CHANGED_ENTRY, 3)}


def test_deleted_entry_is_found(sealed: Parts) -> None:
    """An entry that is deleted, its link left behind, is found."""
    if sealed.database.is_sqlite:
        # Foreign keys are only a courtesy of the connection: this one does without.
        with sealed.database.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            connection.connection.cursor().execute("DROP TRIGGER audit_entry_no_delete")
            connection.connection.cursor().execute("DELETE FROM audit_entry WHERE subject_id = 'b'")
            connection.connection.commit()
    else:
        break_into(sealed, "DELETE FROM audit_entry WHERE subject_id = 'b'")
    assert flaws(verify(sealed)) == {(Flaw.DELETED_ENTRY, 3)}


def test_entry_deleted_with_its_link_is_found(sealed: Parts) -> None:
    """An entry that is deleted together with its link leaves a broken chain."""
    break_into(sealed, "DELETE FROM audit_link WHERE sequence = 3", "DELETE FROM audit_entry WHERE subject_id = 'b'")
    assert (Flaw.BROKEN_LINK, 4) in flaws(verify(sealed))


def test_cut_tail_is_found(sealed: Parts) -> None:
    """A tail cut off the database is found as far as segments were stored, and it is said how far that is."""
    break_into(
        sealed,
        "DELETE FROM audit_link WHERE sequence > 2",
        "DELETE FROM audit_entry WHERE subject_id IN ('b', 'c')",
        "DELETE FROM audit_segment",
    )
    report = verify(sealed)
    assert flaws(report) == {(Flaw.CUT_TAIL, 3)}
    assert report.reach == 4


def test_chain_computed_anew_is_found(sealed: Parts) -> None:
    """Who changes an entry and computes all digests anew is given away by the store."""
    break_into(
        sealed,
        "UPDATE audit_entry SET actor_name = '无人' WHERE subject_id = 'b'",
        "DELETE FROM audit_link",
        "DELETE FROM audit_segment",
    )
    with sealed.database.writing() as session:
        sealer._link_entries(session, sealed.clock() - timedelta(days=1), sealed.clock())
    assert flaws(verify(sealed)) == {(Flaw.DIFFERS_FROM_STORE, 3), (Flaw.DIFFERS_FROM_STORE, 4)}


def test_missing_segment_is_found(sealed: Parts) -> None:
    """A segment taken from the store is missed."""
    act(sealed, "d")
    seal_all(sealed)
    sealed.store.delete("audit/000000000001.jsonl")
    assert (Flaw.BAD_SEGMENT, 1) in flaws(verify(sealed))


def test_another_archives_segment_is_never_taken_for_ours(sealed: Parts) -> None:
    """Where a second archive writes to the same store, sealing stops and says so, instead of mixing the two trails."""
    act(sealed, "d")
    foreign = b'{"sequence":5}\n'
    key = f"{sealer.SEGMENTS}{5:012}.jsonl"
    sealed.store.put(key, io.BytesIO(foreign), sha256=hashlib.sha256(foreign).hexdigest())
    with pytest.raises(OtherTrailError, match="second archive"):
        seal_all(sealed)
    with sealed.database.reading() as session:
        assert session.get(AuditSegment, 5) is None


def test_altered_segment_is_found(sealed: Parts) -> None:
    """A segment that was altered is found, also when it is no longer one."""
    import hashlib
    import io

    for data in (b"", b"nonsense\n", sealed.store.read("audit/000000000001.jsonl").replace(b'"b"', b'"x"')):
        sealed.store.replace("audit/000000000001.jsonl", io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
        assert (Flaw.BAD_SEGMENT, 1) in flaws(verify(sealed))
