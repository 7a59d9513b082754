"""One readable table: which role may do what. Views name a permission from here; nothing else grants anything."""

import enum

from archive.platform.accounts.models import Role
from archive.platform.accounts.role_rules import are_compatible

__all__ = ["Permission", "permissions_of"]


class Permission(enum.StrEnum):
    """What a route may ask for."""

    ENTERED = "entered"  #: whoever signed in, even if he has to change his password before anything else
    SIGNED_IN = "signed_in"  #: any person with an account
    DIGITIZE = "digitize"  #: upload, review, accept scans
    SEARCH = "search"  #: search the catalogue and open what the guard allows
    REQUEST = "request"  #: ask to read
    APPROVE = "approve"  #: decide in the inbox
    OVERSEE = "oversee"  #: the monthly list of what archivists opened for their tasks
    TASK_ACCESS = "task_access"  #: open content for a named task
    SHELVE = "shelve"  #: see boxes and where they stand
    DESK = "desk"  #: the desk of the reading room: paper, visitors
    LEDGER = "ledger"  #: the register of use, its effects and statistics
    CUSTODY = "custody"  #: see where paper is, and conclude what went wrong with it
    SECRECY = "secrecy"  #: see to secrecy incidents; no content
    AUDIT = "audit"  #: read the audit trail
    PRESERVE = "preserve"  #: see how what is stored is kept: copies, fixity, repairs; no content
    ADMINISTER_ACCOUNTS = "administer_accounts"  #: units, posts, accounts, passwords
    ADMINISTER_RIGHTS = "administer_rights"  #: roles, clearance, locked accounts, sessions, chains, seats


#: whoever has an account, even without a role
_EVERYBODY = frozenset({Permission.ENTERED, Permission.SIGNED_IN})
_EMPLOYEE = _EVERYBODY | {Permission.SEARCH, Permission.REQUEST}

_TABLE: dict[Role, frozenset[Permission]] = {
    Role.READER: _EMPLOYEE,
    Role.RECORDS_OFFICER: _EMPLOYEE | {Permission.DIGITIZE},
    Role.DEPARTMENT_HEAD: _EMPLOYEE | {Permission.APPROVE},
    Role.LEADER: _EMPLOYEE | {Permission.APPROVE},
    Role.OFFICE_DIRECTOR: _EMPLOYEE
    | {
        Permission.APPROVE,
        Permission.OVERSEE,
        Permission.AUDIT,
        Permission.PRESERVE,
        Permission.CUSTODY,
        Permission.LEDGER,
    },
    Role.ARCHIVIST: _EMPLOYEE
    | {
        Permission.DIGITIZE,
        Permission.APPROVE,
        Permission.TASK_ACCESS,
        Permission.SHELVE,
        Permission.DESK,
        Permission.CUSTODY,
        Permission.LEDGER,
        Permission.AUDIT,
        Permission.PRESERVE,
        Permission.SECRECY,
    },
    # The three administrators keep the system; none of them reads records by office.
    Role.SYSTEM_ADMINISTRATOR: _EVERYBODY | {Permission.ADMINISTER_ACCOUNTS, Permission.PRESERVE},
    Role.SECURITY_ADMINISTRATOR: _EVERYBODY | {Permission.ADMINISTER_RIGHTS, Permission.SECRECY},
    Role.AUDIT_ADMINISTRATOR: _EVERYBODY | {Permission.AUDIT},
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that any of these roles may do; roles that no one person may combine do nothing."""
    if not are_compatible(roles):
        return _EVERYBODY
    return _EVERYBODY.union(*(_TABLE[role] for role in roles))
