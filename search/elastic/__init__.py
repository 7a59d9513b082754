"""The index on an Elasticsearch cluster: an alias that names the present one of several indices."""

from search.elastic.index import ElasticIndex

__all__ = ["ElasticIndex"]
