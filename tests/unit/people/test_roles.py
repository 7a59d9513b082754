"""Roles: what they may do, and which go together, over every set of roles there is."""

from itertools import combinations

import pytest

from archive.catalogue.models import Secrecy
from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Clearance, Role
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.accounts.role_rules import are_compatible, check_compatible
from archive.platform.accounts.words import PERMISSIONS, device_name
from archive.platform.audit.wording import CLEARANCES, ROLES
from archive.platform.errors import InvalidError
from archive.platform.reading_rule import tokens_of

EVERY_SET = [frozenset(some) for size in range(len(Role) + 1) for some in combinations(Role, size)]
#: what leads to records, or to a decision about them
TO_RECORDS = {
    Permission.SEARCH,
    Permission.REQUEST,
    Permission.APPROVE,
    Permission.DIGITIZE,
    Permission.TASK_ACCESS,
    Permission.SHELVE,
}
ONLY_ACCOUNT = {Permission.ENTERED, Permission.SIGNED_IN}


def test_no_administrator_reads_in_whatever_combination() -> None:
    """With any administrator's role in the set, nothing leads to a record and no token opens one."""
    for roles in EVERY_SET:
        if roles & Role.administrators():
            person = PersonFacts("p", "u", roles, clearance=Clearance.TOP_SECRET)
            assert not permissions_of(roles) & TO_RECORDS, roles
            assert tokens_of(person) == frozenset(), roles


def test_roles_that_exclude_each_other_do_nothing_together() -> None:
    """A set that no person may hold is refused, and were it held all the same, it could do nothing."""
    for roles in EVERY_SET:
        allowed = len(roles & Role.administrators()) == 0 or len(roles) == 1
        assert are_compatible(roles) is allowed
        if not allowed:
            assert permissions_of(roles) == ONLY_ACCOUNT, roles
            with pytest.raises(InvalidError) as refused:
                check_compatible(roles)
            assert refused.value.field == "roles"


def test_the_three_administrators_share_no_power() -> None:
    """What one of the three may do, beyond having an account, neither of the others may."""
    for one, other in combinations(sorted(Role.administrators()), 2):
        shared = permissions_of(frozenset({one})) & permissions_of(frozenset({other}))
        assert shared == ONLY_ACCOUNT, (one, other)


def test_without_a_role_there_is_only_the_account() -> None:
    """Whoever has no role yet can sign in and see his own account, and nothing else."""
    assert permissions_of(frozenset()) == ONLY_ACCOUNT


def test_every_role_permission_and_clearance_has_words() -> None:
    """The page 谁能做什么 leaves nothing out; clearances are the secrecies of records."""
    assert set(PERMISSIONS) == set(Permission) - ONLY_ACCOUNT
    assert all(any(one in permissions_of(frozenset({role})) for role in Role) for one in PERMISSIONS)
    assert set(ROLES) == set(Role)
    assert [level.value for level in Clearance] == [level.value for level in Secrecy] == list(CLEARANCES)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari · iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_devices_are_named_in_two_words(user_agent: str, name: str) -> None:
    """Browser and system where they are known; else what it calls itself."""
    assert device_name(user_agent) == name
