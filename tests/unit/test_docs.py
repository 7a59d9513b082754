"""The documentation holds together."""

from pathlib import Path

import pytest

from tools import docs


@pytest.mark.parametrize("page", docs.pages(), ids=lambda page: str(page.relative_to(docs.ROOT)))
def test_every_local_link_leads_somewhere(page: Path) -> None:
    """A page of the documentation links only to files that exist."""
    assert docs.broken_links(page) == []
