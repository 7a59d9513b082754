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
    # preservation
    ARCHIVE_REBUILT = "preservation:archive:rebuilt"
    ARCHIVE_BACKED_UP = "preservation:archive:backed_up"
    ARCHIVE_RESTORED = "preservation:archive:restored"
    OBJECT_DAMAGED = "preservation:object:damaged"
    CHECK_ORDERED = "preservation:object:check_ordered"
    OBJECT_REPAIRED = "preservation:object:repaired"
    KEYS_ROTATED = "preservation:keys:rotated"
    # people
    UNIT_CREATED = "accounts:unit:created"
    PERSON_CREATED = "accounts:person:created"
    UNIT_CHANGED = "accounts:unit:changed"
    UNIT_CLOSED = "accounts:unit:closed"
    PERSON_CHANGED = "accounts:person:changed"
    PERSON_REOPENED = "accounts:person:reopened"
    ROLES_CHANGED = "accounts:roles:changed"
    CLEARANCE_CHANGED = "accounts:clearance:changed"
    ACCOUNT_UNLOCKED = "accounts:account:unlocked"
    SESSIONS_ENDED = "accounts:session:ended"
    PASSWORD_CHANGED = "accounts:password:changed"  # noqa: S105 - the name of an act
    PERSON_CLOSED = "accounts:person:closed"
    POST_CREATED = "accounts:post:created"
    POST_CHANGED = "accounts:post:changed"
    POST_CLOSED = "accounts:post:closed"
    POST_TAKEN = "accounts:post:taken"
    POST_LEFT = "accounts:post:left"
    DUTIES_HANDED_OVER = "accounts:duties:handed_over"
    PASSWORD_SET = "accounts:password:set"  # noqa: S105 - the name of an act
    SIGNED_IN = "accounts:session:opened"
    SIGN_IN_REFUSED = "accounts:session:refused"
    ACCOUNT_LOCKED = "accounts:account:locked"
    SIGNED_OUT = "accounts:session:closed"
    LANGUAGE_CHANGED = "accounts:language:changed"
    # approval
    CASE_OPENED = "approval:case:opened"
    STEP_APPROVED = "approval:step:approved"
    STEP_REFUSED = "approval:step:refused"
    STEP_RETURNED = "approval:step:returned"
    STEP_ESCALATED = "approval:step:escalated"
    STEP_REASSIGNED = "approval:step:reassigned"
    STEP_SETTLED = "approval:step:settled"
    CASE_RESUBMITTED = "approval:case:resubmitted"
    CASE_WITHDRAWN = "approval:case:withdrawn"
    DELEGATION_GIVEN = "approval:delegation:given"
    DELEGATION_ENDED = "approval:delegation:ended"
    CHAINS_CHANGED = "approval:chains:changed"
    # seats
    SEAT_REGISTERED = "platform:seat:registered"
    SEAT_CLOSED = "platform:seat:closed"
    PLACE_RULE_CHANGED = "platform:place_rule:changed"
    # reading
    PAGE_READ = "discovery:page:read"
    ITEM_DOWNLOADED = "discovery:item:downloaded"
    TASK_OPENED = "platform:task:opened"
    # borrowing
    READING_REQUESTED = "borrowing:request:created"
    GRANT_GIVEN = "borrowing:grant:given"
    GRANT_REVOKED = "borrowing:grant:revoked"
    REQUEST_WITHDRAWN = "borrowing:request:withdrawn"
    # catalogue
    FONDS_CREATED = "catalogue:fonds:created"
    CATEGORY_CREATED = "catalogue:category:created"
    ITEM_ACCEPTED = "catalogue:item:accepted"
    CODE_GIVEN = "catalogue:code:given"
    TEXT_CORRECTED = "catalogue:page:text_corrected"
    ITEM_DESTROYED = "catalogue:item:destroyed"
    BOX_OPENED = "catalogue:box:opened"
    # digitization
    BATCH_OPENED = "digitization:batch:opened"
    BATCH_QUARANTINED = "digitization:batch:quarantined"
    SECRECY_ERASED = "digitization:secrecy_incident:erased"
    SECRECY_RELEASE_PROPOSED = "digitization:secrecy_incident:release_proposed"
    SECRECY_RELEASED = "digitization:secrecy_incident:released"
    BATCH_RETRIED = "digitization:batch:retried"
    BATCH_PAUSED = "digitization:batch:paused"
    BATCH_RESUMED = "digitization:batch:resumed"
    BATCH_PRIORITISED = "digitization:batch:prioritised"
    BATCH_CANCELLED = "digitization:batch:cancelled"
    BATCH_PLANNED = "digitization:batch:planned"
    ORIGINALS_HANDED_OUT = "digitization:originals:handed_out"
    ORIGINALS_HANDED_BACK = "digitization:originals:handed_back"
    SAMPLE_DRAWN = "digitization:sample:drawn"
    SAMPLE_PASSED = "digitization:sample:passed"
    SAMPLE_FAILED = "digitization:sample:failed"
    RULE_TAUGHT = "digitization:rule:taught"
    RULE_WITHDRAWN = "digitization:rule:withdrawn"
    DRAFT_CORRECTED = "digitization:draft:corrected"
    DRAFT_TEXT_CORRECTED = "digitization:draft:text_corrected"
    DRAFT_TEXT_RESTORED = "digitization:draft:text_restored"
    DRAFT_ACCEPTED = "digitization:draft:accepted"
    DRAFT_DISCARDED = "digitization:draft:discarded"
    DRAFT_RESTORED = "digitization:draft:restored"
    PAGES_ARRANGED = "digitization:batch:pages_arranged"
    PAGES_TURNED = "digitization:batch:pages_turned"
    PAGES_REMOVED = "digitization:batch:pages_removed"
    PAGES_RESTORED = "digitization:batch:pages_restored"
    PAGE_ADDED = "digitization:batch:page_added"
