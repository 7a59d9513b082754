"""What every index promises, as tests: an engine is one of ours when its subclass of `SearchIndexContract` passes.

A subclass is named `Test…` and defines the fixture `index`: an index for one test alone, that nobody has written yet.
Needs pytest and hypothesis; nothing of the archive itself imports this.
"""

import pytest

# Before they are imported, so that a failing assertion shows its values.
pytest.register_assert_rewrite(
    *(f"{__name__}.{part}" for part in ("finding", "keeping", "ordering", "rights", "truth"))
)

from search.testing.corpus import CLERK, document, fill, found, ids_found  # noqa: E402
from search.testing.finding import FindingContract  # noqa: E402
from search.testing.keeping import KeepingContract  # noqa: E402
from search.testing.ordering import OrderingContract  # noqa: E402
from search.testing.rights import RightsContract  # noqa: E402
from search.testing.truth import TruthContract  # noqa: E402

__all__ = ["CLERK", "SearchIndexContract", "document", "fill", "found", "ids_found"]


class SearchIndexContract(FindingContract, OrderingContract, RightsContract, KeepingContract, TruthContract):
    """Every promise of `search.interface.SearchIndex`."""
