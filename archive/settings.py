"""What can be set, each declared once. The environment wins over the `.ini`, which wins over the default.

`--data DIR` selects an embedded archive: every URL then points into that folder.
"""

import configparser
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, time
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from archive.platform.accounts.sources import DirectoryAddress, ProviderAddress, secret_of
from archive.platform.notifications.servers import MailServer, Webhook
from archive.platform.seats.addresses import networks
from archive.platform.secrecy_levels import LEVELS
from storage.locks import LockMode

__all__ = ["LockRule", "Settings", "SettingsError", "read_ini"]

#: what somebody writes who knows what a compliance lock means
_TYPED_WARNING = "nobody-can-delete-before-the-date"
#: settings that are whole numbers
_NUMBERS = ("fixity_days", "fixity_rate", "lease", "reserve")


class SettingsError(Exception):
    """A setting has a value that cannot be used; the message names it and says what to write instead."""


@dataclass(frozen=True, slots=True)
class LockRule:
    """For how many days stored objects are locked, and whether anybody may lift the lock before."""

    mode: LockMode
    days: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the parts are and how the organisation is called. Each field is `DANGGUI_<NAME>` and `danggui.<name>`."""

    #: `sqlite:////abs/path.db` or `postgresql+psycopg://user:password@host/name`
    database: str
    #: `file:///abs/dir` or `s3://bucket/prefix?endpoint=https://…`
    storage: str
    #: `embedded:///abs/dir` or `http://host:9200/index`
    search: str
    #: `local://N`: N processes on this machine; `tcp://host:8786` or `tls://…`: a Dask cluster, by its scheduler
    workers: str
    #: folder for what may be lost: caches, locks, the watch folder
    folder: Path
    #: recognition engine: `ppocr`, `tesseract` or `null`; empty takes the best that is installed
    engine: str = ""
    #: seconds after which the work of a machine that gives no sign of life is done by another
    lease: int = 60
    #: megabytes (10^6 bytes) of disk that uploads leave free, for the database and the work on what came
    reserve: int = 1000
    #: name shown in the page header
    organisation: str = "江海实业集团有限公司"
    #: zone of dates and times on screens and prints
    timezone: str = "Asia/Shanghai"
    #: address and port of the web front end
    listen: str = "127.0.0.1:6543"
    #: addresses or networks of the proxies in front of it, separated by commas: only they are believed for whom they
    #: speak (X-Forwarded-For)
    proxies: str = ""
    #: when the reading room closes on a working day, unless its calendar says otherwise: HH:MM in `timezone`
    closing: str = "16:30"
    #: highest state secrecy the installation is declared fit for: none, secret, confidential, top_secret
    max_secrecy: str = "none"
    #: of whom a code of a device is demanded at sign-in, beside the password: off, administrators, all
    second_factor: str = "off"
    #: `bound`: a session ends when its browser asks from another address; `free`: it does not
    session_address: str = "free"
    #: where people reach the web front end, such as https://archive.example: the beginning of links in e-mail
    url: str = ""
    #: `smtp://user:password@host:port?from=…&tls=starttls|none` or `smtps://…`: sends notices; empty: no e-mail
    mail: str = ""
    #: the password of the mail server, or `file:///abs/path` of a file that holds it, where it is not part of `mail`
    mail_password: str = ""
    #: `https://…`: programs are told of notices there; empty: nowhere
    webhook: str = ""
    #: what its messages are signed with, or `file:///abs/path` of a file that holds it
    webhook_secret: str = ""
    #: private networks the webhook may lie in, separated by commas
    webhook_networks: str = ""
    #: an LDAP directory whose people sign in with their password there, such as
    #: `ldaps://host/dc=example,dc=com?bind=cn=reader,dc=example,dc=com&create=BGS`
    ldap: str = ""
    #: the password of `bind` there, or `file:///path` of a file that holds it
    ldap_secret: str = field(default="", repr=False)
    #: an OpenID provider, such as `https://issuer?client=danggui&create=BGS`
    oidc: str = ""
    #: our secret there, or `file:///path` of a file that holds it; empty: we are a public client
    oidc_secret: str = field(default="", repr=False)
    #: a second store that everything kept is copied to, written like `storage`; empty: there is none
    second_storage: str = ""
    #: `file:///abs/danggui.keys`: what is stored is encrypted with these keys; empty: it is not
    keys: str = ""
    #: how long stored objects are locked where the bucket offers it: `governance:DAYS`, `off`, or
    #: `compliance:DAYS:nobody-can-delete-before-the-date`
    lock: str = "governance:365"
    #: days within which every stored object is read again and compared with its digests
    fixity_days: int = 180
    #: megabytes (10^6 bytes) a second that background fixity rounds read at most, in each store
    fixity_rate: int = 20

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def closing_time(self) -> time:
        """When the reading room closes."""
        return datetime.strptime(self.closing, "%H:%M").time()  # noqa: DTZ007 - a time of day

    @property
    def directory(self) -> DirectoryAddress | None:
        """The directory that `ldap` names. Raises ValueError."""
        return DirectoryAddress.of(self.ldap) if self.ldap else None

    @property
    def provider(self) -> ProviderAddress | None:
        """The provider that `oidc` names. Raises ValueError."""
        return ProviderAddress.of(self.oidc) if self.oidc else None

    @property
    def key_file(self) -> Path | None:
        """The file that `keys` names; None where nothing is encrypted."""
        return Path(unquote(urlsplit(self.keys).path)) if self.keys else None

    @property
    def mail_server(self) -> MailServer | None:
        """Who sends our mail; None: nobody. Raises ValueError."""
        return MailServer.of(self.mail, self.mail_password) if self.mail else None

    @property
    def webhook_target(self) -> Webhook | None:
        """Where programs are told of notices; None: nowhere. Raises ValueError."""
        return Webhook.of(self.webhook, self.webhook_secret, self.webhook_networks) if self.webhook else None

    @property
    def lock_rule(self) -> LockRule | None:
        """How stored objects are locked; None: they are not. Raises SettingsError."""
        mode, _, rest = self.lock.partition(":")
        days, _, warning = rest.partition(":")
        if self.lock == "off":
            return None
        if not (mode in set(LockMode) and days.isdecimal() and int(days) > 0):
            raise SettingsError(
                f"DANGGUI_LOCK is {self.lock!r}: write governance:DAYS, such as governance:365, or off;"
                f" or compliance:DAYS:{_TYPED_WARNING}"
            )
        if mode == LockMode.COMPLIANCE and warning != _TYPED_WARNING:
            raise SettingsError(
                f"DANGGUI_LOCK is {self.lock!r}: with compliance nobody, not even whoever owns the bucket, can delete"
                f" anything for {days} days, a lawful disposal included, and it cannot be taken back; if that is meant,"
                f" write compliance:{days}:{_TYPED_WARNING}, else governance:{days}"
            )
        if mode == LockMode.GOVERNANCE and warning:
            raise SettingsError(f"DANGGUI_LOCK is {self.lock!r}: write governance:{days}")
        return LockRule(LockMode(mode), int(days))

    @property
    def is_clustered(self) -> bool:
        """Whether the work is done by a cluster."""
        return self.workers.startswith(("tcp://", "tls://"))

    @property
    def watch(self) -> Path:
        """Scans dropped here are taken in."""
        return self.folder / "watch"

    @classmethod
    def embedded(cls, folder: Path) -> dict[str, str]:
        """The values that keep a whole archive in one folder."""
        folder = folder.resolve()
        return {
            "database": f"sqlite:///{folder / 'danggui.db'}",
            "storage": f"file://{folder / 'store'}",
            "search": f"embedded://{folder / 'index'}",
            "workers": f"local://{os.cpu_count() or 1}",
            "folder": str(folder),
        }

    @classmethod
    def load(
        cls,
        folder: Path | None = None,
        *,
        ini: Mapping[str, str] | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> Self:
        """Read the settings. `folder` is `--data`; else `DANGGUI_FOLDER`, else `var` here. Raises SettingsError."""
        ini = ini or {}
        home = folder or Path(environment.get("DANGGUI_FOLDER") or ini.get("danggui.folder") or "var")
        values = cls.embedded(home)
        # `--data` means this folder and nothing else: addresses set elsewhere must not leak into it.
        fixed = {*values, "second_storage", "keys", "mail", "webhook"} if folder else {"folder"}
        for one in fields(cls):
            given = environment.get(f"DANGGUI_{one.name.upper()}") or ini.get(f"danggui.{one.name}")
            if given and one.name not in fixed:
                values[one.name] = given
        typed: dict[str, Any] = {**values, "folder": Path(values["folder"])}
        typed |= {name: _number(name, typed[name]) for name in _NUMBERS if name in typed}
        settings = cls(**typed)
        settings._check()
        settings._check_keys()
        return settings

    def _check(self) -> None:
        if not self.database.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise SettingsError(
                f"DANGGUI_DATABASE is {self.database!r}: write sqlite:////path or postgresql+psycopg://…"
            )
        if not self.storage.startswith(("file:///", "s3://")):
            raise SettingsError(
                f"DANGGUI_STORAGE is {self.storage!r}: write file:///path or s3://bucket/prefix?endpoint=…"
            )
        if not self.search.startswith(("embedded:///", "http://", "https://")):
            raise SettingsError(f"DANGGUI_SEARCH is {self.search!r}: write embedded:///path or http://host:9200/index")
        self._check_workers()
        if self.second_storage and not self.second_storage.startswith(("file:///", "s3://")):
            raise SettingsError(
                f"DANGGUI_SECOND_STORAGE is {self.second_storage!r}: write file:///path or s3://bucket/prefix?endpoint=…"
            )
        if self.second_storage and _overlap(self.second_storage, self.storage):
            raise SettingsError(
                "DANGGUI_SECOND_STORAGE and DANGGUI_STORAGE are the same place, or one lies in the other:"
                " write another place for the second, or nothing"
            )
        self.lock_rule  # noqa: B018 - said at the start, not when the first object is to be locked
        self._check_reading()
        self._check_sign_in()
        self._check_notices()
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError) as error:
            raise SettingsError(f"DANGGUI_TIMEZONE is {self.timezone!r}: write a name such as Asia/Shanghai") from error

    def _check_workers(self) -> None:
        if not re.fullmatch(r"local://[1-9]\d*|(tcp|tls)://[^\s/]+:\d+", self.workers):
            raise SettingsError(
                f"DANGGUI_WORKERS is {self.workers!r}: write local://N with N processes, such as local://2, or the"
                " address of a Dask scheduler, such as tcp://host:8786"
            )
        if self.is_clustered and self.database.startswith("sqlite:"):
            raise SettingsError(
                "DANGGUI_WORKERS is a cluster, and DANGGUI_DATABASE a file that its workers cannot share:"
                " write postgresql+psycopg://… for the database, or local://N for the workers"
            )

    def _check_reading(self) -> None:
        if self.max_secrecy not in LEVELS:
            raise SettingsError(f"DANGGUI_MAX_SECRECY is {self.max_secrecy!r}: write one of {', '.join(LEVELS)}")
        try:
            self.closing_time  # noqa: B018 - said at the start
        except ValueError as error:
            raise SettingsError(f"DANGGUI_CLOSING is {self.closing!r}: write a time such as 16:30") from error
        try:
            networks(self.proxies)
        except ValueError as error:
            raise SettingsError(
                f"DANGGUI_PROXIES is {self.proxies!r}: write addresses or networks, such as 10.0.0.5, 10.1.2.0/28"
            ) from error

    def _check_sign_in(self) -> None:
        known = {"second_factor": ("off", "administrators", "all"), "session_address": ("free", "bound")}
        for name, words in known.items():
            if getattr(self, name) not in words:
                raise SettingsError(
                    f"DANGGUI_{name.upper()} is {getattr(self, name)!r}: write one of {', '.join(words)}"
                )

    def _check_notices(self) -> None:
        if self.url and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", self.url):
            raise SettingsError(f"DANGGUI_URL is {self.url!r}: write https://host, or nothing")
        for name in ("mail_server", "webhook_target"):
            try:
                getattr(self, name)
            except ValueError as error:
                # Not its value: a password may stand in it.
                raise SettingsError(f"DANGGUI_{name.partition('_')[0].upper()} cannot be used: {error}") from error

        self._check_sources()

    def _check_sources(self) -> None:
        try:
            self.directory  # noqa: B018 - said at the start, not when the first person signs in
        except ValueError as error:
            raise SettingsError(
                f"DANGGUI_LDAP is {self.ldap!r}: write ldaps://host/dc=example,dc=com?bind=cn=reader,dc=example,dc=com"
            ) from error
        try:
            self.provider  # noqa: B018 - the same
        except ValueError as error:
            raise SettingsError(
                f"DANGGUI_OIDC is {self.oidc!r}: write https://issuer?client=danggui (plain http only on this machine)"
            ) from error
        for name in ("ldap_secret", "oidc_secret"):
            try:
                secret_of(getattr(self, name))
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(
                    f"DANGGUI_{name.upper()} names a file that cannot be read: write file:///path of one, or the secret"
                ) from error

    def _check_keys(self) -> None:
        if self.keys and not self.keys.startswith("file:///"):
            raise SettingsError(f"DANGGUI_KEYS is {self.keys!r}: write file:///path/danggui.keys, or nothing")
        if self.keys and any(self.keys.startswith(f"{url}/") for url in (self.storage, self.second_storage) if url):
            raise SettingsError("DANGGUI_KEYS lies in the store it is to lock: write a path apart from every store")


def _number(name: str, value: str) -> int:
    """A whole number above 0. Raises SettingsError."""
    if not value.isdecimal() or int(value) < 1:
        raise SettingsError(f"DANGGUI_{name.upper()} is {value!r}: write a whole number above 0")
    return int(value)


def _overlap(one: str, other: str) -> bool:
    """Whether two stores are one place, or one of them lies in the other."""
    (there, path), (elsewhere, other_path) = _place(one), _place(other)
    return there == elsewhere and (path.is_relative_to(other_path) or other_path.is_relative_to(path))


def _place(url: str) -> tuple[str, Path]:
    """The server, empty for this machine, and the path of a store on it."""
    address = urlsplit(url)
    if address.scheme == "file":
        return "", Path(unquote(address.path)).resolve()
    endpoint = parse_qs(address.query).get("endpoint", ["s3:"])[0]
    return endpoint.rstrip("/"), Path(f"/{address.netloc}{address.path}")


def read_ini(path: Path) -> dict[str, str]:
    """The `danggui.…` lines of an `.ini` file, from whatever section they stand in. Raises SettingsError."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no .ini file: {str(error).splitlines()[0]}") from error
    found = {name: value for section in parser.sections() for name, value in parser.items(section)}
    known = {f"danggui.{one.name}" for one in fields(Settings)}
    if unknown := sorted(name for name in found if name.startswith("danggui.") and name not in known):
        raise SettingsError(f"{path} has {unknown[0]!r}, which is no setting; write one of {', '.join(sorted(known))}")
    return {name: value for name, value in found.items() if name in known}
