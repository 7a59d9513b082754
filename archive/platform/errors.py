"""Errors that a person meets. Each carries a message id for the catalogue and the facts to fill it with.

DangguiError
├── NotFoundError      there is no such thing, or he may not know of it (the two look alike on purpose)
├── ForbiddenError     he may know of it, but not do this
│   └── ElsewhereError he may do it, but not here: in the reading room
├── ConflictError      somebody else was first, or the thing is not in a state that allows it
└── InvalidError       what was entered cannot be used; `field` says where
"""

__all__ = ["ConflictError", "DangguiError", "ElsewhereError", "ForbiddenError", "InvalidError", "NotFoundError"]


class DangguiError(Exception):
    """Base of all errors shown to a person. `message` is a catalogue id with `{names}`, filled from `facts`."""

    def __init__(self, message: str, **facts: object) -> None:
        self.message = message
        self.facts = facts
        super().__init__(message.format(**facts))


class NotFoundError(DangguiError):
    """There is no such thing for this person."""


class ForbiddenError(DangguiError):
    """This person may not do this."""


class ElsewhereError(ForbiddenError):
    """This person may do this in the reading room only, and is not there."""


class ConflictError(DangguiError):
    """Somebody else was first, or the thing is in another state by now."""


class InvalidError(DangguiError):
    """What was entered cannot be used."""

    def __init__(self, message: str, *, field: str = "", **facts: object) -> None:
        self.field = field
        super().__init__(message, **facts)
