"""The diagram of states is made from the code, and the documents show that one."""

from pathlib import Path

from archive.platform.approval.diagram import diagram

DOCUMENT = Path(__file__).parents[3] / "docs" / "features" / "approval.md"


def test_the_document_shows_the_states_of_the_code() -> None:
    """Whoever changes the state machine prints the diagram again: `python -m archive.platform.approval.diagram`."""
    assert f"```\n{diagram()}\n```" in DOCUMENT.read_text("utf-8")
