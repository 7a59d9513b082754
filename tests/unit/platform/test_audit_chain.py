"""The shape of the chain, which must stay the same for ever, and the words for every act."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archive.platform.audit.actions import AuditAction
from archive.platform.audit.chain import GENESIS, canonical, entry_facts, link_digest
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.wording import ACTIONS, words_for

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.text(), plain, max_size=5)


@given(documents)
def test_canonical_form_survives_storage(document: dict[str, Any]) -> None:
    """Written, read back and put in any order, the same data has the same bytes."""
    back = json.loads(json.dumps(dict(reversed(document.items()))))
    assert canonical(back) == canonical(document)


@given(documents, documents)
def test_digest_tells_documents_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two entries have one digest only if they say the same."""
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (link_digest(GENESIS, one) == link_digest(GENESIS, other)) == same


def test_digest_never_changes() -> None:
    """The digest of a known entry is the one it had in the first version: old chains stay valid."""
    entry = AuditEntry(
        id="01890000-0000-7000-8000-000000000001",
        at=datetime(2021, 3, 5, 2, 0, tzinfo=UTC),
        action="catalogue:item:accepted",
        actor_id=None,
        actor_name="沈鉴",
        os_user=None,
        address="10.0.0.7",
        subject_kind="item",
        subject_id="x",
        details={"digests": ["a"]},
    )
    assert link_digest(GENESIS, entry_facts(entry)) == (
        "49a45fc05be2474e6b33535bf3c307e33e39430752bbed9c97626decfaa7204c"
    )


def test_every_act_has_words() -> None:
    """The audit page names every act in the language of the office; an act of another version stands as it is."""
    assert set(ACTIONS) == set(AuditAction)
    assert words_for("from:the:future") == "from:the:future"
