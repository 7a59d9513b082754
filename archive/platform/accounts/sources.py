"""Where people are known besides here, as the settings `ldap` and `oidc` say. Pure."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = ["DirectoryAddress", "Identity", "ProviderAddress", "Rules", "secret_of"]

_LDAP_PORT, _LDAPS_PORT = 389, 636


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a directory or a provider knows him; `subject` never changes there, `login` and `name` may."""

    subject: str
    login: str
    name: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What may come of an identity.

    `create`: code of the unit in which an account is made for whoever has none; "": none is made. `link`: an account
    without a password of its own is his if the login is the same. `administrators`: groups may give those roles too.
    """

    create: str
    link: bool
    administrators: bool


@dataclass(frozen=True, slots=True)
class DirectoryAddress:
    """An LDAP directory: where it is, where people and groups stand in it, and what their attributes are called."""

    host: str
    port: int
    tls: bool
    start_tls: bool
    base: str
    groups: str
    bind: str
    login: str
    name: str
    id: str
    ca: str
    rules: Rules

    @classmethod
    def of(cls, url: str) -> Self:
        """`ldaps://host/base?bind=…&login=uid&name=cn&id=entryUUID&groups=base&create=…&administrators=yes&ca=file`.

        `ldap://` too: then TLS is begun first, unless `starttls=no` says that the way is safe otherwise. Raises
        ValueError.
        """
        parts, options = urlsplit(url), _options(url, {"bind", "login", "name", "id", "groups", "starttls", "ca"})
        base = unquote(parts.path).strip("/")
        if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname or not base:
            raise ValueError(url)
        tls = parts.scheme == "ldaps"
        return cls(
            host=parts.hostname,
            port=parts.port or (_LDAPS_PORT if tls else _LDAP_PORT),
            tls=tls,
            start_tls=not tls and options.get("starttls") != "no",
            base=base,
            groups=options.get("groups", base),
            bind=options.get("bind", ""),
            login=options.get("login", "uid"),
            name=options.get("name", "cn"),
            id=options.get("id", "entryUUID"),
            ca=options.get("ca", ""),
            # The directory is the organisation's own list of logins: an entry is the account of that name.
            rules=Rules(options.get("create", ""), link=True, administrators=options.get("administrators") == "yes"),
        )


@dataclass(frozen=True, slots=True)
class ProviderAddress:
    """An OpenID provider: its issuer, who we are there, and in which claims it says what."""

    issuer: str
    client: str
    scope: str
    login: str
    name: str
    groups: str
    back: str
    rules: Rules

    @classmethod
    def of(cls, url: str) -> Self:
        """`https://issuer?client=…&scope=openid profile&login=preferred_username&name=name&groups=groups&create=…`.

        `link=yes`: the login claim may be trusted, for people cannot choose it; `back=…`: the address of the return
        path, where proxies hide it. Raises ValueError.
        """
        options = _options(url, {"client", "scope", "login", "name", "groups", "link", "back"})
        issuer, parts = url.partition("?")[0], urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))
        if not safe or not parts.hostname or not options.get("client"):
            raise ValueError(url)
        link, administrators = (options.get(name) == "yes" for name in ("link", "administrators"))
        return cls(
            issuer=issuer,
            client=options["client"],
            scope=options.get("scope", "openid profile"),
            login=options.get("login", "preferred_username"),
            name=options.get("name", "name"),
            groups=options.get("groups", "groups"),
            back=options.get("back", ""),
            rules=Rules(options.get("create", ""), link=link, administrators=administrators),
        )


def secret_of(setting: str) -> str:
    """A secret as it is set: itself, or `file:///path` of a file that holds it. Raises OSError."""
    if not setting.startswith("file:///"):
        return setting
    return Path(unquote(urlsplit(setting).path)).read_text("utf-8").strip()


def _options(url: str, known: set[str]) -> dict[str, str]:
    given = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    if given.keys() - known - {"create", "administrators"}:
        raise ValueError(url)
    return given


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
