"""A folder keeps what every index promises."""

import shutil
from pathlib import Path

import pytest

from search import open_index
from search.errors import IndexBusyError, IndexUnavailableError
from search.interface import SearchIndex
from search.testing import SearchIndexContract, document, fill, found, ids_found


class TestEmbeddedIndex(SearchIndexContract):
    """The index contract on a folder."""

    @pytest.fixture
    def index(self, tmp_path: Path) -> SearchIndex:
        """A folder that the first writer makes."""
        return open_index(f"embedded://{tmp_path}/search/index")

    @pytest.fixture
    def other(self, index: SearchIndex) -> SearchIndex:
        """The same folder, opened once more, as another process does."""
        return open_index(index.url)

    def test_there_is_one_writer(self, index: SearchIndex, other: SearchIndex) -> None:
        """Who wants to write or rebuild while another writes is refused, and may when the other has ended."""
        with index.writer():
            with pytest.raises(IndexBusyError), other.writer():
                pass
            with pytest.raises(IndexBusyError), other.rebuild():
                pass
        fill(other, document("a", "总结"))
        assert ids_found(index, "总结") == {"a"}

    def test_others_see_what_is_written_and_rebuilt(self, index: SearchIndex, other: SearchIndex) -> None:
        """A reader that opened the index before sees each write and each rebuild at its next search."""
        fill(index, document("a", "总结"))
        assert ids_found(other, "总结") == {"a"}
        fill(index, document("b", "总结"))
        assert ids_found(other, "总结") == {"a", "b"}
        with index.rebuild() as writer:
            writer.write([document("c", "总结")])
        assert ids_found(other, "总结") == {"c"}

    def test_a_rebuild_leaves_no_old_files(self, index: SearchIndex, tmp_path: Path) -> None:
        """After a rebuild only the present generation takes room."""
        fill(index, document("a", "总结"))
        with index.rebuild() as writer:
            writer.write([document("b", "总结")])
        assert len([path for path in (tmp_path / "search/index").iterdir() if path.is_dir()]) == 1

    def test_a_lost_folder_is_an_empty_index(self, index: SearchIndex, tmp_path: Path) -> None:
        """When the folder is removed under an open index, nothing is found, and a rebuild mends it."""
        fill(index, document("a", "总结"))
        assert ids_found(index, "总结") == {"a"}
        shutil.rmtree(tmp_path / "search")
        assert found(index, "总结").total == 0
        with pytest.raises(IndexUnavailableError, match="danggui reindex"):
            index.check()
        with index.rebuild() as writer:
            writer.write([document("b", "总结")])
        assert ids_found(index, "总结") == {"b"}

    @pytest.mark.parametrize("damaged", ["meta.json", "*.idx", "*.store"])
    def test_a_damaged_index_says_so(self, index: SearchIndex, tmp_path: Path, damaged: str) -> None:
        """An index with a file missing is unavailable, with what to do, until it is rebuilt."""
        fill(index, document("a", "总结"))
        for file in (tmp_path / "search/index").glob(f"1-*/{damaged}"):
            file.unlink()
        damaged_index = open_index(index.url)
        with pytest.raises(IndexUnavailableError, match="danggui reindex"):
            found(damaged_index, "总结")
        with pytest.raises(IndexUnavailableError), damaged_index.writer() as writer:
            writer.write([document("b", "总结")])
        with damaged_index.rebuild() as writer:
            writer.write([document("a", "总结")])
        assert ids_found(damaged_index, "总结") == {"a"}

    def test_another_format_is_not_asked(self, index: SearchIndex, tmp_path: Path) -> None:
        """An index that another version made is refused, until it is rebuilt."""
        (tmp_path / "search/index").mkdir(parents=True)
        (tmp_path / "search/index/current").write_text("0-abc")
        with pytest.raises(IndexUnavailableError, match="another version"):
            found(index, "总结")
        with index.rebuild() as writer:
            writer.write([document("a", "总结")])
        assert ids_found(index, "总结") == {"a"}

    def test_a_folder_that_cannot_be_written_says_so(self, tmp_path: Path) -> None:
        """A file where the folder should be is an index that is unavailable, not a crash."""
        (tmp_path / "file").write_text("")
        index = open_index(f"embedded://{tmp_path}/file/index")
        with pytest.raises(IndexUnavailableError), index.writer():
            pass
        with pytest.raises(IndexUnavailableError):
            index.check()
