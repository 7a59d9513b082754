"""What Danggui stands on may be used under Apache-2.0."""

import re
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: what a user may install; the tools of developers are not handed on
_EXTRAS = ("dask", "elasticsearch", "postgres", "s3")
#: GPL and AGPL, but not LGPL
_FORBIDDEN = re.compile(r"\bA?GPL|Affero|(?<!Lesser )General Public License", re.IGNORECASE)


def test_no_library_is_under_the_gpl() -> None:
    """Neither Danggui's own dependencies nor theirs are under GPL or AGPL."""
    names = _everything_under("danggui", _EXTRAS)
    assert len(names) > len(_EXTRAS)
    assert {name: _licence(name) for name in names if _FORBIDDEN.search(_licence(name))} == {}


def _everything_under(root: str, extras: tuple[str, ...]) -> set[str]:
    """The names of all distributions that `root` needs with these extras."""
    seen: set[str] = set()
    waiting = [(root, extras)]
    while waiting:
        name, chosen = waiting.pop()
        for requirement in map(Requirement, distribution(name).requires or []):
            needed = canonicalize_name(requirement.name)
            if needed not in seen and _applies(requirement, chosen):
                seen.add(needed)
                waiting.append((needed, tuple(requirement.extras)))
    return seen


def _applies(requirement: Requirement, extras: tuple[str, ...]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _licence(name: str) -> str:
    """All that a distribution says of its licence; old ones give the whole text, whose beginning is enough."""
    metadata = distribution(name).metadata
    said = [*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or [])]
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join(text[:100] for text in [*said, *classifiers])
