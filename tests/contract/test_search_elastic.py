"""An Elasticsearch server keeps what every index promises, and answers as the embedded index does."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from search import open_index
from search.errors import IndexUnavailableError
from search.interface import SearchIndex
from search.testing import SearchIndexContract, document, fill, found, ids_found
from tests.servers.process import free_port

pytestmark = pytest.mark.servers


class TestElasticIndex(SearchIndexContract):
    """The index contract on a server."""

    @pytest.fixture
    def index(self, elasticsearch_url: str) -> Iterator[SearchIndex]:
        """An index under a name of its own, removed afterwards."""
        name = f"test-{uuid4().hex[:12]}"
        index = open_index(f"{elasticsearch_url}/{name}")
        yield index
        index.close()
        with Elasticsearch(elasticsearch_url) as client:
            client.options(ignore_status=404).indices.delete(
                index=",".join(client.indices.get(index=f"{name}-*")) or "-"
            )

    def test_both_engines_answer_alike(self, index: SearchIndex, tmp_path: Path) -> None:
        """Hits, scores, counts, facets and approximation are the same on both engines."""
        embedded = open_index(f"embedded://{tmp_path}/index")
        records = [
            document(
                f"{n}",
                f"第{n}页 安全\n生产{'检查' * (n % 3)}",
                "關於工作總結",
                title=f"{2018 + n % 4}年{'工作' * (n % 2)}总结",
                document_number=f"办〔{2018 + n % 4}〕{n}号",
                year=f"{2018 + n % 4}",
                date=f"{2018 + n % 4}0{n % 9 + 1}15",
                read=("staff",) if n % 5 else ("leaders",),
            )
            for n in range(40)
        ]
        for engine in (index, embedded):
            fill(engine, *records)
        for asked in (
            "",
            "工作总结",
            "总结 -检查",
            "安全生产检查生产",
            "年",
            "办〔2019〕1",
            "2018 OR 检查",
            "檢查總結",
            "全文:第",
        ):
            answers = [found(engine, asked, facets=("year",), limit=40) for engine in (index, embedded)]
            seen = [
                (answer.total, answer.facets, answer.approximate, {hit.id: hit.score for hit in answer.hits})
                for answer in answers
            ]
            assert seen[0] == seen[1], asked

    def test_names_that_begin_alike_are_apart(self, index: SearchIndex) -> None:
        """A rebuild removes none of the indices of another name."""
        longer = open_index(f"{index.url}-more")
        fill(longer, document("a", "总结"))
        with index.rebuild() as writer:
            writer.write([document("b", "总结")])
        assert (ids_found(longer, "总结"), ids_found(index, "总结")) == ({"a"}, {"b"})

    def test_a_write_never_makes_a_wild_index(self, index: SearchIndex, elasticsearch_url: str) -> None:
        """When the index is lost under the writer, writing fails instead of making one with fields of its own."""
        with index.writer() as writer:
            writer.write([document("a", "总结")])
            with Elasticsearch(elasticsearch_url) as client:
                client.indices.delete(index=",".join(client.indices.get(index=index.url.rpartition("/")[2])))
            with pytest.raises(IndexUnavailableError):
                writer.write([document("b", "总结")])
        assert found(index, "总结").total == 0
        fill(index, document("c", "总结"))
        assert ids_found(index, "总结") == {"c"}

    def test_a_server_that_is_away_is_unavailable(self) -> None:
        """Without a server each act says that the index is unavailable, and names the server but no password."""
        index = open_index(f"http://elastic:secret@127.0.0.1:{free_port()}/danggui")
        assert "secret" not in index.url
        with pytest.raises(IndexUnavailableError, match=r"127\.0\.0\.1") as refused:
            found(index, "总结")
        assert "secret" not in str(refused.value)
        with pytest.raises(IndexUnavailableError), index.writer():
            pass
        with pytest.raises(IndexUnavailableError), index.rebuild():
            pass
        with pytest.raises(IndexUnavailableError):
            index.check()
        with pytest.raises(IndexUnavailableError):
            list(index.ids())
