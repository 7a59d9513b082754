"""Addresses of e-mail: what we send to, nothing more of RFC 5322 than that."""

import re

from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["LONGEST", "check_email"]

LONGEST = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def check_email(address: str) -> str:
    """The address without blanks around it; "" for none. Raises InvalidError for what is no address."""
    address = address.strip()
    if address and (len(address) > LONGEST or not _ADDRESS.fullmatch(address)):
        raise InvalidError(_("请填写有效的电子邮箱，例如 shenjian@example.com。"), field="email")
    return address
