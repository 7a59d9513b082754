"""The levels of state secrecy 密级, in order: of records, of clearances, and of what an installation is fit for."""

__all__ = ["LEVELS", "exceeds", "levels_within", "lower"]

#: none, 秘密, 机密, 绝密; each holds those before it
LEVELS = ("none", "secret", "confidential", "top_secret")


def exceeds(level: str, limit: str) -> bool:
    """Whether `level` is above `limit`. A level that is none of ours is above everything."""
    return level not in LEVELS or LEVELS.index(level) > LEVELS.index(limit)


def lower(one: str, other: str) -> str:
    """The lower of two levels."""
    return other if exceeds(one, other) else one


def levels_within(limit: str) -> tuple[str, ...]:
    """The levels of secrecy proper that `limit` holds: none for `none`."""
    return LEVELS[1 : LEVELS.index(limit) + 1]
