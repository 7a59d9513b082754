"""The second factor: codes that a person's device makes of a shared secret and the time (TOTP, RFC 6238)."""

import enum
import hashlib
import secrets
from datetime import timedelta

import pyotp
from sqlalchemy import delete
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person, Role
from archive.platform.accounts.passwords import rest_after
from archive.platform.accounts.sign_in_models import RecoveryCode, SecondFactor
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _

__all__ = ["Demanded", "SecondFactorService", "is_demanded"]

_STEP_SECONDS = 30
#: steps before and after the present one whose codes are taken: clocks of telephones are nearly right
_STEPS = (-1, 0, 1)
_BEGUN_LIFE = timedelta(minutes=30)
_RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_GROUP = 5


class Demanded(enum.StrEnum):
    """Of whom a second factor is demanded (setting `second_factor`); whoever likes may have one anyway."""

    OFF = "off"
    ADMINISTRATORS = "administrators"
    ALL = "all"


def is_demanded(of: str, person: Person) -> bool:
    """Whether this person has to have one."""
    return of == Demanded.ALL or (of == Demanded.ADMINISTRATORS and bool(person.roles & Role.administrators()))


class SecondFactorService:
    """Second factors, in the caller's transaction. A wrong code is counted: the caller must commit then too."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def of(self, person: Person) -> SecondFactor | None:
        """What he confirmed, if anything."""
        row = self._session.get(SecondFactor, person.id)
        return row if row is not None and row.confirmed_at is not None else None

    def begun(self, person: Person) -> SecondFactor | None:
        """What he was shown and has not confirmed yet."""
        row = self._session.get(SecondFactor, person.id)
        waits = row is not None and row.confirmed_at is None and self._clock() - row.began_at < _BEGUN_LIFE
        return row if waits else None

    def begin(self, person: Person) -> None:
        """A new secret, worth nothing until it is confirmed. Raises ConflictError (he has one)."""
        if self.of(person) is not None:
            raise ConflictError(_("已经启用两步验证；请先停用，再重新绑定。"))
        fresh = SecondFactor(
            person_id=person.id, secret=pyotp.random_base32(), began_at=self._clock(), last_step=0, failures=0
        )
        self._session.merge(fresh)
        self._session.flush()

    def confirm(self, person: Person, code: str) -> tuple[str, ...]:
        """He has the secret on his device; returns his recovery codes, which are kept nowhere.

        Raises NotFoundError (nothing was begun), InvalidError (the code is wrong).
        """
        row = self._locked(person)
        if row is None or self.begun(person) is None:
            raise NotFoundError(_("绑定已过期，请重新开始。"))
        if not self._fits(row, _digits(code)):
            raise InvalidError(_("验证码不正确。请核对手机时间是否准确，输入当前显示的六位数字。"), field="code")
        row.confirmed_at = self._clock()
        self._record(AuditAction.SECOND_FACTOR_SET, person)
        codes = tuple(secrets.token_hex(_RECOVERY_BYTES) for _code in range(_RECOVERY_CODES))
        self._forget_codes(person)
        self._session.add_all(RecoveryCode(code_sha256=_digest(code), person_id=person.id) for code in codes)
        return tuple("-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in codes)

    def check(self, person: Person, code: str) -> bool:
        """Whether the code, of the device or a recovery code, fits now; it never does a second time."""
        row = self._locked(person)
        if row is None or row.confirmed_at is None:
            return False
        if row.locked_until is not None and self._clock() < row.locked_until:
            return False
        fits = self._fits(row, _digits(code)) or self._is_recovery_code(person, code)
        row.failures = 0 if fits else row.failures + 1
        rest = rest_after(row.failures)
        row.locked_until = self._clock() + rest if rest else None
        if rest:
            details = {"failures": row.failures}
            self._record(AuditAction.ACCOUNT_LOCKED, person, **details)
        return fits

    def codes_left(self, person: Person) -> int:
        """How many recovery codes he has not used."""
        return self._session.query(RecoveryCode).filter_by(person_id=person.id).count()

    def remove(self, person: Person) -> None:
        """From now on the password is enough."""
        row = self._session.get(SecondFactor, person.id)
        if row is None:
            raise NotFoundError(_("没有启用两步验证。"))
        self._session.delete(row)
        self._forget_codes(person)
        self._record(AuditAction.SECOND_FACTOR_REMOVED, person)

    def take_away(self, person: Person) -> None:
        """The device is lost. Raises ForbiddenError (one's own), NotFoundError (there is none)."""
        if person.id == self._actor.person_id:
            raise ForbiddenError(_("不能对自己的账户进行此项操作，请由另一位管理员办理。"))
        self.remove(person)

    def unlock(self, person: Person) -> None:
        """After wrong codes one is taken again."""
        row = self._locked(person)
        if row is not None and row.failures:
            row.failures, row.locked_until = 0, None
            self._record(AuditAction.ACCOUNT_UNLOCKED, person)

    def _fits(self, row: SecondFactor, code: str) -> bool:
        totp, now = pyotp.TOTP(row.secret), int(self._clock().timestamp()) // _STEP_SECONDS
        for step in (now + offset for offset in _STEPS):
            if step > row.last_step and secrets.compare_digest(totp.generate_otp(step), code):
                row.last_step = step
                return True
        return False

    def _is_recovery_code(self, person: Person, code: str) -> bool:
        his = delete(RecoveryCode).where(RecoveryCode.person_id == person.id)
        plain = "".join(code.split()).replace("-", "").lower()
        used = change(self._session, his.where(RecoveryCode.code_sha256 == _digest(plain))) == 1
        if used:
            self._record(AuditAction.RECOVERY_CODE_USED, person)
        return used

    def _locked(self, person: Person) -> SecondFactor | None:
        # Locked, so that one code that is sent twice at the same time is taken once.
        return self._session.get(SecondFactor, person.id, with_for_update=True, populate_existing=True)

    def _forget_codes(self, person: Person) -> None:
        self._session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))

    def _record(self, action: AuditAction, person: Person, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "person", person.id, **details)


def _digits(code: str) -> str:
    """As typed, in groups perhaps; "" for what is no code of a device."""
    plain = "".join(code.split())
    return plain if plain.isascii() and plain.isdigit() else ""


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
