"""The index outbox: everything that changed comes into the index, nothing is forgotten, nothing holds up the rest."""

from collections.abc import Iterable, Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.delivery import DeliveryError, drain_index, reindex
from archive.platform.outbox import IndexOutbox, StoreOutbox, announce, oldest
from archive.platform.parts import Parts
from search.interface import IndexDocument


def document(item_id: str) -> IndexDocument:
    """The least an item can say of itself."""
    return IndexDocument(item_id, {"title": "车床"}, {}, (), frozenset({"all"}), frozenset({"all"}))


def present(_session: Session, items: Sequence[str]) -> Iterable[IndexDocument]:
    """All items are there but those called gone, and one that cannot be read."""
    if "broken" in items:
        raise ValueError("broken")
    return [document(item) for item in items if not item.startswith("gone")]


def change(parts: Parts, *items: str) -> None:
    """These items changed."""
    with parts.database.writing() as session:
        for item in items:
            announce(session, item, parts.clock())


def waiting(parts: Parts) -> list[str]:
    """Items with a row."""
    with parts.database.reading() as session:
        return list(session.scalars(select(IndexOutbox.item_id).order_by(IndexOutbox.id)))


def test_changes_come_into_the_index(parts: Parts) -> None:
    """After a drain the index holds what is there and not what is gone, and no row is left."""
    change(parts, "a", "gone", "b", "a")
    assert drain_index(parts, present) == 4
    assert sorted(parts.index.ids()) == ["a", "b"]
    assert waiting(parts) == []
    assert drain_index(parts, present) == 0


def test_destroyed_item_leaves_the_index(parts: Parts) -> None:
    """The present state counts: an item without a document any more is removed."""
    change(parts, "a", "b")
    drain_index(parts, present)
    change(parts, "a")
    drain_index(parts, lambda _session, _items: [])
    assert list(parts.index.ids()) == ["b"]


def test_late_change_stays(parts: Parts) -> None:
    """A change that comes while its item is being indexed keeps its row and is indexed in its turn."""
    rounds: list[Sequence[str]] = []

    def build(session: Session, items: Sequence[str]) -> Iterable[IndexDocument]:
        if not rounds:
            change(parts, "a")
        rounds.append(items)
        return present(session, items)

    change(parts, "a")
    drain_index(parts, build)
    assert rounds == [["a"], ["a"]]
    assert waiting(parts) == []


def test_one_bad_item_does_not_hold_up_the_others(parts: Parts) -> None:
    """What can be indexed is, the rest keeps its row and is named."""
    change(parts, "a", "broken", "b")
    with pytest.raises(DeliveryError) as raised:
        drain_index(parts, present)
    assert raised.value.items == ["broken"]
    assert sorted(parts.index.ids()) == ["a", "b"]
    assert waiting(parts) == ["broken"]


def test_rebuild_replaces_everything(parts: Parts) -> None:
    """A rebuilt index holds exactly what there is now, whatever the old one held."""
    change(parts, "a", "old")
    drain_index(parts, present)
    assert reindex(parts, present, lambda _session: ["a", "b", "gone"]) == 3
    assert sorted(parts.index.ids()) == ["a", "b"]


def test_age_of_the_oldest_row(parts: Parts) -> None:
    """The age of what waits can be told; nothing waiting has none."""
    with parts.database.reading() as session:
        assert oldest(session, StoreOutbox) is None
    change(parts, "a")
    with parts.database.reading() as session:
        assert oldest(session, StoreOutbox) == parts.clock()
