"""Asking an LDAP directory (RFC 4511) whether a password is right, and in which groups the person is.

The directory is asked before a transaction is begun: it may take its time.
"""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from archive.platform.accounts.sources import DirectoryAddress, Identity

__all__ = ["DirectoryAwayError", "ask_directory", "probe_directory"]

log = logging.getLogger(__name__)

_PATIENCE = 5
_NO_SUCH_ENTRY = "cn=nobody,"


class DirectoryAwayError(Exception):
    """The directory does not answer, or not as it should; the log says why."""


def ask_directory(address: DirectoryAddress, secret: str, login: str, password: str) -> Identity | None:
    """Whose login and password this is; None: nobody's. `secret`: our own password there. Raises DirectoryAwayError.

    Our own entry (`bind`) looks for the person; then it is tried whether he may enter with his password.
    """
    if not login or not password:
        return None  # without a password a directory lets everybody in, as nobody
    try:
        with _connection(address, address.bind, secret) as reader:
            if not reader.bind():
                log.warning("the directory is away: %s", _refusal(address))
                raise DirectoryAwayError(_refusal(address))
            entry = _entry(reader, address, login)
            # Whoever is not there is tried too: unknown and wrong last the same.
            dn = entry["dn"] if entry else _NO_SUCH_ENTRY + address.base
            if not _may_enter(address, dn, password) or entry is None:
                return None
            return _identity(reader, address, entry)
    except (LDAPException, OSError) as error:
        log.warning("the directory is away: %s", type(error).__name__)
        raise DirectoryAwayError(str(error)) from error


def probe_directory(address: DirectoryAddress, secret: str) -> None:
    """See whether it answers us. Raises DirectoryAwayError, which says why."""
    try:
        with _connection(address, address.bind, secret) as reader:
            if not reader.bind():
                raise DirectoryAwayError(_refusal(address))
    except (LDAPException, OSError) as error:
        raise DirectoryAwayError(str(error)) from error


def _refusal(address: DirectoryAddress) -> str:
    return f"the directory refuses {address.bind or 'whoever has no name'}"


def _may_enter(address: DirectoryAddress, dn: str, password: str) -> bool:
    with _connection(address, dn, password) as connection:
        return bool(connection.bind())


def _entry(reader: ldap3.Connection, address: DirectoryAddress, login: str) -> dict[str, Any] | None:
    """The one entry with this login; None if there is none, or more."""
    wanted = f"({address.login}={escape_filter_chars(login)})"
    found = _search(reader, address.base, wanted, [address.login, address.name, address.id, "memberOf"])
    return found[0] if len(found) == 1 else None


def _identity(reader: ldap3.Connection, address: DirectoryAddress, entry: dict[str, Any]) -> Identity:
    login, name, subject = (next(iter(_texts(entry, key)), "") for key in (address.login, address.name, address.id))
    groups = {*_texts(entry, "memberOf"), *_groups(reader, address, entry["dn"], login)}
    return Identity(subject or entry["dn"].casefold(), login, name or login, frozenset(groups))


def _groups(reader: ldap3.Connection, address: DirectoryAddress, dn: str, login: str) -> Iterator[str]:
    """The groups that name this person: each as its whole name and as its short one."""
    dn, login = escape_filter_chars(dn), escape_filter_chars(login)
    naming = f"(|(member={dn})(uniqueMember={dn})(memberUid={login}))"
    for group in _search(reader, address.groups, naming, ["cn"]):
        yield group["dn"]
        yield from _texts(group, "cn")


def _search(reader: ldap3.Connection, base: str, wanted: str, attributes: list[str]) -> list[dict[str, Any]]:
    reader.search(base, wanted, attributes=attributes)
    return [one for one in reader.response or [] if one["type"] == "searchResEntry"]


def _texts(entry: dict[str, Any], name: str) -> list[str]:
    """The values of an attribute, whatever the case of its name; one that is no text, in hexadecimal digits."""
    raw = {key.casefold(): values for key, values in entry["raw_attributes"].items()}
    return [_text(value) for value in raw.get(name.casefold(), [])]


def _text(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() else value.hex()


@contextmanager
def _connection(address: DirectoryAddress, user: str, password: str) -> Iterator[ldap3.Connection]:
    """Not bound yet, but safe: the certificate is checked before anything is said."""
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=address.ca or None)
    server = ldap3.Server(
        address.host, address.port, use_ssl=address.tls, tls=tls, get_info=ldap3.NONE, connect_timeout=_PATIENCE
    )
    connection = ldap3.Connection(
        server,
        user or None,
        password or None,
        authentication=ldap3.SIMPLE if user else ldap3.ANONYMOUS,
        receive_timeout=_PATIENCE,
        auto_referrals=False,
        read_only=True,
        check_names=False,
    )
    try:
        if address.start_tls and not connection.start_tls(read_server_info=False):
            raise DirectoryAwayError("the directory offers no TLS")
        yield connection
    finally:
        connection.unbind()
