"""Debian's slapd as a private process: a small company with three people and three groups, behind TLS or without."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import free_port, program, running

__all__ = ["BASE", "Slapd", "slapd"]

BASE = "dc=example,dc=com"
_ADMIN = f"cn=admin,{BASE}"
_SECRET = "only for this test"
_SBIN = Path("/usr/sbin")
_CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
suffix "{base}"
rootdn "{admin}"
rootpw "{secret}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,{base}" read by * none
"""
_ENTRIES = """\
dn: {base}
objectClass: dcObject
objectClass: organization
dc: example
o: Jianghai

dn: ou=people,{base}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{base}
objectClass: organizationalUnit
ou: groups

dn: cn=reader,{base}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {secret}

dn: uid=linghua,ou=people,{base}
objectClass: inetOrgPerson
uid: linghua
cn:: 5YeM5Y2O
sn: Ling
userPassword:: 5YeM5Y2O55qE5a+G56CBIDE=

dn: uid=engineer,ou=people,{base}
objectClass: inetOrgPerson
uid: engineer
cn:: 5p2O5bel
sn: Li
userPassword: engineer in the directory

dn: cn=archivists,ou=groups,{base}
objectClass: groupOfNames
cn: archivists
member: uid=linghua,ou=people,{base}

dn: cn=security,ou=groups,{base}
objectClass: groupOfNames
cn: security
member: uid=linghua,ou=people,{base}
"""


@dataclass(frozen=True, slots=True)
class Slapd:
    """A running server. `url`: as `DANGGUI_LDAP` takes it; `secret`: as `DANGGUI_LDAP_SECRET` does."""

    address: str
    safe_address: str
    url: str
    safe_url: str
    secret: str

    def change(self, ldif: str) -> None:
        """Carry out an LDIF with changes, with `{base}` filled in, as the directory's administrator."""
        command = [str(program("ldapmodify")), "-x", "-H", self.address, "-D", _ADMIN, "-w", _SECRET]
        subprocess.run(command, input=ldif.replace("{base}", BASE), text=True, check=True, capture_output=True)


@contextmanager
def slapd(folder: Path, certificate: Path, key: Path) -> Iterator[Slapd]:
    """A server with its own configuration and data in `folder`. Raises ServerMissingError."""
    names = {"folder": folder, "certificate": certificate, "key": key, "base": BASE, "admin": _ADMIN, "secret": _SECRET}
    configuration, entries = folder / "slapd.conf", folder / "entries.ldif"
    (folder / "data").mkdir()
    configuration.write_text(_CONFIGURATION.format(**names), "utf-8")
    entries.write_text(_ENTRIES.format(**names), "utf-8")
    server = program("slapd", _SBIN)
    fill = [str(program("slapadd", _SBIN)), "-f", str(configuration), "-l", str(entries)]
    subprocess.run(fill, check=True, capture_output=True)
    address, safe = f"ldap://127.0.0.1:{free_port()}", f"ldaps://127.0.0.1:{free_port()}"
    command: list[str | Path] = [server, "-d", "0", "-f", configuration, "-h", f"{address} {safe}"]
    options = f"/{BASE}?bind=cn=reader,{BASE}&create=GCB"
    with running(command, ready=lambda: _answers(address), log=folder / "slapd.log"):
        yield Slapd(address, safe, f"{address}{options}&starttls=no", f"{safe}{options}&ca={certificate}", _SECRET)


def _answers(address: str) -> bool:
    asked = [str(program("ldapwhoami")), "-x", "-H", address]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0
