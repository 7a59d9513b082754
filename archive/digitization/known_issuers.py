"""Issuers that are known here stand in for names like theirs of which a character or two was misread."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.models import Fonds, Item, Secrecy
from archive.digitization.learning.models import IssuerRule
from archive.platform.accounts.models import Unit
from ingest.context import Proposal
from ingest.official_document import BETWEEN

__all__ = ["likely_issuer", "with_known_issuer"]

#: names that are read more surely than this are left as they are
_DOUBTFUL = 0.7
#: what a known name is worth: a person has to look at it all the same
_LIKELY = 0.8
#: so many of the records filed last are asked
_RECENT = 1000
#: names of so many characters are alike if one differs, of twice as many if two do
_SHORT = 5


def with_known_issuer(session: Session, fonds_id: str, proposals: Sequence[Proposal]) -> list[Proposal]:
    """The proposals; a doubtful issuer is the only known one that it looks like, if there is one."""
    doubtful = any(one.field == "issuer" and one.confidence < _DOUBTFUL for one in proposals)
    known = _known(session, fonds_id) if doubtful else frozenset()
    return [_likely(one, known) if one.field == "issuer" else one for one in proposals]


def likely_issuer(read: str, known: Collection[str]) -> str:
    """The one of these names that was most likely read as `read`: itself, else the only one alike, else none."""
    if read in known:
        return read
    alike = {name for name in known if len(name) == len(read) and _differing(name, read) <= len(read) // _SHORT}
    return alike.pop() if len(alike) == 1 else ""


def _likely(proposal: Proposal, known: Collection[str]) -> Proposal:
    names = [likely_issuer(name, known) for name in proposal.value.split(BETWEEN)]
    if proposal.confidence >= _DOUBTFUL or not all(names):
        return proposal
    return replace(proposal, value=BETWEEN.join(names), confidence=_LIKELY)


def _differing(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _known(session: Session, fonds_id: str) -> frozenset[str]:
    """Units, fonds, issuers of rules, and of records filed last; of secret ones nothing is said."""
    filed = select(Item.issuer).where(Item.fonds_id == fonds_id, Item.secrecy == Secrecy.NONE)
    queries = (
        select(Unit.name),
        select(Fonds.name),
        select(IssuerRule.issuer).where(IssuerRule.fonds_id == fonds_id),
        filed.order_by(Item.id.desc()).limit(_RECENT),
    )
    return frozenset(name for query in queries for name in session.scalars(query) if name)
