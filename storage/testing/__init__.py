"""What every store and repository promises, as tests: a home for bytes is one when its subclasses of these pass.

A subclass is named `Test…`, defines the fixture `store` (an empty store for each test) and the three `raw_…` methods.
Needs pytest; nothing of the archive itself imports this.
"""

import pytest

# Before they are imported, so that a failing assertion shows its values.
pytest.register_assert_rewrite(
    *(f"{__name__}.{part}" for part in ("judge", "keys", "objects", "repair", "repository", "strain"))
)

from storage.testing.keys import KeysContract  # noqa: E402
from storage.testing.objects import OneObjectContract  # noqa: E402
from storage.testing.repair import RepairContract  # noqa: E402
from storage.testing.repository import VersionsContract  # noqa: E402
from storage.testing.strain import StrainContract  # noqa: E402

__all__ = ["ObjectStoreContract", "RepositoryContract"]


class ObjectStoreContract(OneObjectContract, KeysContract, StrainContract):
    """Every promise of `storage.interface.ObjectStore`."""


class RepositoryContract(VersionsContract, RepairContract):
    """Every promise of `storage.layout.Repository`, on a given store."""
