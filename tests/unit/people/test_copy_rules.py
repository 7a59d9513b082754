"""Who may check a copy or a text, and what can become of one, over all facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.borrowing.copies.codes import LENGTH, grouped, new_code, read_code
from archive.borrowing.copies.models import CopyKind, CopyState
from archive.borrowing.copies.rules import check_second, follows
from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.accounts.role_rules import are_compatible
from archive.platform.errors import ConflictError, ForbiddenError

_PEOPLE = st.sampled_from(["a", "b", "c"])
_ROLES = st.frozensets(st.sampled_from(list(Role)), max_size=3)


@given(st.sampled_from(list(CopyKind)), _PEOPLE, _PEOPLE, _PEOPLE, _ROLES, st.booleans())
def test_nobody_checks_his_own(
    kind: CopyKind, person: str, writer: str, applicant: str, roles: frozenset[Role], active: bool
) -> None:
    """A text is checked by another archivist than its writer; nothing by its applicant or by who is no archivist."""
    facts = PersonFacts(person, "unit", roles, active)
    archivist = active and Role.ARCHIVIST in roles and are_compatible(roles)
    may = archivist and person != applicant and (kind is CopyKind.COPY or person != writer)
    if may:
        check_second(kind, facts, writer, applicant)
    else:
        with pytest.raises(ForbiddenError):
            check_second(kind, facts, writer, applicant)


@given(st.lists(st.sampled_from(list(CopyState)), max_size=8))
def test_nothing_is_issued_unchecked(wanted: list[CopyState]) -> None:
    """Whatever is tried in whatever order, nothing is handed out unchecked, and what ended stays ended."""
    passed = [CopyState.DRAFT]
    for state in wanted:
        try:
            passed.append(follows(passed[-1], state))
        except ConflictError:
            continue
    if CopyState.ISSUED in passed:
        assert passed[:3] == [CopyState.DRAFT, CopyState.CHECKED, CopyState.ISSUED]
    ends = {CopyState.VOID, CopyState.DISCARDED}
    assert not any(state in ends for state in passed[:-1])


@given(st.text(max_size=60))
def test_anything_can_be_typed(text: str) -> None:
    """Whatever is typed is read without complaint, and is never longer than what could be a code."""
    assert len(read_code(text)) <= LENGTH + 1


def test_code_is_read_as_it_is_misread() -> None:
    """A code is found from the address in its QR code, without its dashes, in small letters, and with O for 0."""
    code = new_code()
    assert len(code) == LENGTH
    assert read_code(f"https://da.example.com/verify?code={grouped(code)}") == code
    assert read_code(grouped(code).lower().replace("0", "o").replace("1", "l")) == code
