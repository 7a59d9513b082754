"""Which tests run on both databases: those of locks, constraints and of one whole way; the others on SQLite only."""

import pytest

__all__ = ["on_both_databases"]

on_both_databases = pytest.mark.parametrize(
    "parts", ["sqlite", pytest.param("postgres", marks=pytest.mark.servers)], indirect=True
)
