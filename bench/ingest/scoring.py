"""How a reading is compared with what is printed."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

__all__ = ["Errors", "all_signs", "errors_of", "words_only"]

#: signs that differ in nothing that a reader could see or would search for; one face draws the one for the other
ALIKE = str.maketrans(
    "“”„‘’—–―－─·•・‧〔〕【】「」『』、。〈〉《》︵︶﹁﹂︱∶﹣爲衞啓敎旣眞靑淸硏卽內戶强鄕敍緖尙衆",
    '"""\'\'-----....[][]"""",.<><>()""-:-為衛啟教既真青清研即内户強鄉敘緒尚眾',
)


@dataclass(frozen=True, slots=True)
class Errors:
    """Edits that make the texts alike, and the characters of the true ones."""

    edits: int
    characters: int

    @property
    def share(self) -> float:
        """Edits for each character."""
        return self.edits / max(1, self.characters)

    def __str__(self) -> str:
        return f"{self.share:.2%}"


def all_signs(text: str) -> str:
    """The text without blanks; variants of one sign are one."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).translate(ALIKE) if not char.isspace())


def words_only(text: str) -> str:
    """Letters, digits and characters alone: what search needs."""
    return "".join(char for char in all_signs(text) if unicodedata.category(char)[0] in "LN").lower()


def errors_of(pairs: Iterable[tuple[str, str]]) -> Errors:
    """Errors over (truth, reading) pairs that went through one of the functions above."""
    edits = characters = 0
    for truth, read in pairs:
        edits += Levenshtein.distance(truth, read)
        characters += len(truth)
    return Errors(edits, characters)
