"""The table of chains: what is shipped, and what the security administrator makes of it."""

import pytest

from archive.platform.accounts.models import Role
from archive.platform.approval.chains import SHIPPED, Asked, Circle, Control, class_of, row_for, specs_of
from archive.platform.approval.workflow import StepSpec
from archive.platform.reading_rule import RecordFacts

HEAD = StepSpec(Role.DEPARTMENT_HEAD, unit_id="owner")
ARCHIVIST = StepSpec(Role.ARCHIVIST)
DIRECTOR = StepSpec(Role.OFFICE_DIRECTOR)
LEADER = StepSpec(Role.LEADER)


def shipped(record: RecordFacts, unit: str, asked: Asked) -> tuple[StepSpec, ...]:
    """The steps of the shipped table for an applicant of a unit."""
    circle = Circle.OWN if unit == record.unit_id else Circle.OTHER
    return specs_of(SHIPPED[row_for(SHIPPED, asked, class_of(record), circle, "")], record.unit_id, unit)


@pytest.mark.parametrize(
    ("control", "trade_secrecy", "applicant_unit", "asked", "chain"),
    [
        ("public", "none", "other", Asked.VIEW, ()),
        ("internal", "none", "owner", Asked.VIEW, ()),
        ("internal", "none", "other", Asked.VIEW, (HEAD, ARCHIVIST)),
        ("work_secret", "none", "owner", Asked.VIEW, (HEAD, DIRECTOR, ARCHIVIST)),
        ("public", "core", "owner", Asked.VIEW, (HEAD, DIRECTOR, ARCHIVIST)),
        ("unheard_of", "none", "other", Asked.VIEW, (HEAD, DIRECTOR, ARCHIVIST)),
        ("internal", "none", "owner", Asked.PAPER, ()),
        ("internal", "none", "other", Asked.PAPER, (HEAD, LEADER, ARCHIVIST)),
        ("internal", "none", "owner", Asked.COPY, (HEAD, ARCHIVIST)),
        ("public", "none", "owner", Asked.DOWNLOAD, (ARCHIVIST,)),
        ("work_secret", "none", "other", Asked.CERTIFICATE, (HEAD, LEADER, DIRECTOR, ARCHIVIST)),
    ],
)
def test_the_chain_follows_control_department_and_what_is_asked(
    control: str, trade_secrecy: str, applicant_unit: str, asked: Asked, chain: tuple[StepSpec, ...]
) -> None:
    """The head of the owning department comes first and the archivist last; the stricter field decides."""
    record = RecordFacts("r", "owner", control, "none", trade_secrecy, destroyed=False)
    assert shipped(record, applicant_unit, asked) == chain


@pytest.mark.parametrize(
    ("secrecy", "control"),
    [
        ("secret", Control.SECRET),
        ("confidential", Control.CONFIDENTIAL),
        ("top_secret", Control.TOP_SECRET),
        ("unheard_of", Control.TOP_SECRET),
    ],
)
def test_state_secrets_have_chains_of_their_own(secrecy: str, control: Control) -> None:
    """Whatever the other fields say, a state secret is decided by its level; a level nobody knows by the highest."""
    record = RecordFacts("r", "owner", "public", secrecy, "none", destroyed=False)
    assert class_of(record) is control
    assert all(shipped(record, unit, asked) for unit in ("owner", "other") for asked in Asked)


def test_every_case_has_its_row() -> None:
    """Nothing that can be asked for is without a row of the shipped table."""
    assert len(SHIPPED) == len(Asked) * len(Control) * len(Circle)
