"""What a notice says, in the language of whoever reads it."""

from collections.abc import Callable

from archive.platform.notifications.kinds import SAID, WORDS
from archive.platform.notifications.models import Notice

__all__ = ["words_of"]


def words_of(notice: Notice, say: Callable[..., str]) -> str:
    """The sentence of a notice; `say(message id, **facts)` puts it into a language."""
    facts = {name: say(value) if name in SAID else value for name, value in notice.facts.items()}
    return say(WORDS[notice.kind], **facts)
