"""`danggui administrators`: how a new archive gets the people who keep everybody else's accounts."""

from pathlib import Path

from click.testing import CliRunner, Result

from archive.cli import main
from archive.platform.accounts.models import Pending, Role
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.sessions import WebSessions
from archive.platform.accounts.sign_in import SignInService
from archive.platform.actor import SYSTEM
from archive.platform.parts import open_parts
from archive.settings import Settings

NAMED = ("--system", "qianwei=钱伟", "--security", "sunjing=孙静", "--audit", "wutao=吴涛")


def run(folder: Path, *arguments: str) -> Result:
    """A command on the archive in this folder."""
    return CliRunner().invoke(main, ["--data", str(folder), *arguments])


def test_the_first_three_are_appointed_once(tmp_path: Path) -> None:
    """Each holds his role alone and has a password of one use; done again, nobody is appointed beside them."""
    assert run(tmp_path, "init").exit_code == 0
    done = run(tmp_path, "administrators", "--unit", "BGS=办公室", *NAMED)
    assert done.exit_code == 0, done.output
    passwords = {line.split()[0]: line.split()[1] for line in done.output.splitlines()}
    with open_parts(Settings.load(tmp_path, environment={})) as parts, parts.database.writing() as session:
        entrance = SignInService(session, parts.clock, SYSTEM)
        roles: set[Role] = set()
        for login, password in passwords.items():
            person, entered = person_by_login(session, login), entrance.sign_in(login, password)
            assert person is not None
            assert entered is not None
            assert WebSessions(session, parts.clock).resume(entered.session).pending is Pending.NEW_PASSWORD
            roles |= person.roles
        assert roles == Role.administrators()
    again = run(tmp_path, "administrators", "--unit", "BGS=办公室", "--system", "other=另")
    assert (again.exit_code, "already" in again.output) == (1, True)


def test_nothing_is_made_of_half_a_command(tmp_path: Path) -> None:
    """The same person twice, a name without a login, or nobody at all: one sentence, and no unit or account."""
    run(tmp_path, "init")
    twice = ("--system", "qianwei=钱伟", "--audit", "qianwei=钱伟")
    for wrong in (twice, ("--system", "钱伟"), ("--security", "=孙静"), ()):
        refused = run(tmp_path, "administrators", "--unit", "BGS=办公室", *wrong)
        assert refused.exit_code == 1, wrong
        assert "Traceback" not in refused.output
    with open_parts(Settings.load(tmp_path, environment={})) as parts, parts.database.reading() as session:
        assert person_by_login(session, "qianwei") is None
