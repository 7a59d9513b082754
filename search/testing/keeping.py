"""Writing, replacing, removing, rebuilding."""

import pytest

from search.errors import IndexUnavailableError
from search.interface import SearchIndex
from search.testing.corpus import document, fill, found, ids_found

__all__ = ["KeepingContract"]


class BrokenOffError(Exception):
    """What goes wrong in the middle of a rebuild."""


def _break_off(index: SearchIndex) -> None:
    with index.rebuild() as writer:
        writer.write([document("new", "总结")])
        raise BrokenOffError


class KeepingContract:
    """The index holds exactly what was written last."""

    def test_nothing_is_found_before_the_first_write(self, index: SearchIndex) -> None:
        """Before anything was written a search finds nothing, ids are none, and check says what to do."""
        assert found(index, "", facets=("year",)).facets == {"year": {}}
        assert list(index.ids()) == []
        with pytest.raises(IndexUnavailableError, match="danggui reindex"):
            index.check()

    def test_a_writer_makes_the_index(self, index: SearchIndex) -> None:
        """Becoming the writer is enough to have a usable, empty index."""
        with index.writer() as writer:
            writer.write([])
        index.check()
        assert found(index, "").total == 0

    def test_what_is_written_is_found_at_once(self, index: SearchIndex) -> None:
        """When `write` returns, the document is searchable, while the writer goes on."""
        with index.writer() as writer:
            writer.write([document("a", "总结")])
            assert ids_found(index, "总结") == {"a"}
            writer.write([document("b", "总结")])
            assert ids_found(index, "总结") == {"a", "b"}

    def test_writing_again_replaces(self, index: SearchIndex) -> None:
        """A document written again is there once, as it is now, with its rights as they are now."""
        fill(index, document("1", "旧的总结", title="旧"), document("10", "别的"))
        fill(index, document("1", "新的计划", title="新"))
        fill(index, document("1", "新的计划", title="新"))
        assert ids_found(index, "总结 OR 旧") == set()
        assert found(index, "计划").total == 1
        assert sorted(index.ids()) == ["1", "10"]
        fill(index, document("1", "新的计划", know=("leaders",)))
        assert found(index, "计划").total == 0

    def test_twice_in_one_write_is_once(self, index: SearchIndex) -> None:
        """Of two states of one document in the same write the last holds."""
        fill(index, document("a", "旧"), document("a", "新"))
        assert (found(index, "").total, ids_found(index, "新")) == (1, {"a"})

    def test_deleting_removes(self, index: SearchIndex) -> None:
        """What is deleted is gone; deleting what is not there does no harm."""
        fill(index, document("a", "总结"), document("b", "总结"))
        with index.writer() as writer:
            writer.write([document("c", "总结")], deleted=["a", "never"])
        assert ids_found(index, "总结") == {"b", "c"}
        assert sorted(index.ids()) == ["b", "c"]

    def test_strange_signs_do_no_harm(self, index: SearchIndex) -> None:
        """Text as recognition delivers it, with signs of every kind, can be written and searched around."""
        page = "总\x00结\ud800 \uffff\u202e" + "x" * 500 + " 😀" + chr(0x2A6D6) + "\t计划"
        fill(index, document("a", page, "", title="", code="…"))
        assert ids_found(index, "总结") == {"a"}
        assert ids_found(index, "x" * 500) == {"a"}
        assert ids_found(index, chr(0x2A6D6) + "计划") == {"a"}

    def test_a_rebuild_switches_at_its_end(self, index: SearchIndex) -> None:
        """Until a rebuild ends, the old index answers; then the new one, with nothing of the old."""
        fill(index, document("old", "总结"))
        with index.rebuild() as writer:
            writer.write([document("new", "总结")])
            assert ids_found(index, "总结") == {"old"}
            writer.write([document("new", "总结"), document("more", "总结")])
            assert ids_found(index, "总结") == {"old"}
        assert ids_found(index, "总结") == {"new", "more"}
        assert sorted(index.ids()) == ["more", "new"]

    def test_a_rebuild_broken_off_changes_nothing(self, index: SearchIndex) -> None:
        """When a rebuild fails, the old index stays and can be written and rebuilt."""
        fill(index, document("old", "总结"))
        with pytest.raises(BrokenOffError):
            _break_off(index)
        assert ids_found(index, "总结") == {"old"}
        with index.rebuild() as writer:
            writer.write([document("new", "总结")])
        assert ids_found(index, "总结") == {"new"}

    def test_a_rebuild_makes_the_first_index(self, index: SearchIndex) -> None:
        """A rebuild needs no index to begin with."""
        with index.rebuild() as writer:
            writer.write([document("a", "总结")])
        assert ids_found(index, "总结") == {"a"}
        fill(index, document("b", "总结"))
        assert ids_found(index, "总结") == {"a", "b"}
        index.check()

    def test_ids_come_each_once(self, index: SearchIndex) -> None:
        """Every id comes once, also when there are more than are fetched at a time."""
        with index.rebuild() as writer:
            writer.write([document(f"{n}") for n in range(10_001)])
        assert sorted(index.ids(), key=int) == [f"{n}" for n in range(10_001)]
