"""Every act that is recorded, as `source:subject:action`. Features append their own lines; none is ever renamed.

The value stands in sealed entries for ever: a name that is no longer used stays here.
"""

import enum

__all__ = ["AuditAction"]


class AuditAction(enum.StrEnum):
    """What was done."""

    # platform
    ARCHIVE_INITIALISED = "platform:archive:initialised"
    INDEX_REBUILT = "platform:index:rebuilt"
    STORE_VERIFIED = "platform:store:verified"
    AUDIT_VERIFIED = "platform:audit:verified"
