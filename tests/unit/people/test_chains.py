"""The table of chains."""

import pytest

from archive.platform.accounts.models import Role
from archive.platform.approval.chains import reading_chain
from archive.platform.approval.workflow import StepSpec
from archive.platform.reading_rule import RecordFacts

HEAD = StepSpec(Role.DEPARTMENT_HEAD, "owner")
ARCHIVIST = StepSpec(Role.ARCHIVIST)
DIRECTOR = StepSpec(Role.OFFICE_DIRECTOR)


@pytest.mark.parametrize(
    ("control", "trade_secrecy", "applicant_unit", "chain"),
    [
        ("public", "none", "other", ()),
        ("internal", "none", "owner", ()),
        ("internal", "none", "other", (HEAD, ARCHIVIST)),
        ("work_secret", "none", "owner", (HEAD, DIRECTOR, ARCHIVIST)),
        ("public", "core", "owner", (HEAD, DIRECTOR, ARCHIVIST)),
        ("unheard_of", "none", "other", (HEAD, DIRECTOR, ARCHIVIST)),
    ],
)
def test_the_chain_follows_control_and_department(
    control: str, trade_secrecy: str, applicant_unit: str, chain: tuple[StepSpec, ...]
) -> None:
    """The head of the owning department comes first and the archivist last; the stricter field decides."""
    record = RecordFacts("r", "owner", control, "none", trade_secrecy, destroyed=False)
    assert reading_chain(record, applicant_unit) == chain
