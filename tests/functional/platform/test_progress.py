"""Progress of commands where there is no terminal: a few plain lines, the last one with the end."""

import pytest

from archive.cli import output
from archive.cli.output import progress


def test_the_end_is_always_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Quick work prints one line, with the total that became known on the way."""
    with progress("Recognising", None) as report:
        for _page in range(1200):
            report(1, 1200)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Recognising: 1,200 of 1,200\n")


def test_long_work_is_heard_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line comes when some time has passed and something was done; without a total only the count is said."""
    monkeypatch.setattr(output, "LINE_SECONDS", 0.0)
    with progress("Indexing", None) as report:
        report(1)
        report(0)
        report(1)
    assert capsys.readouterr().err.splitlines() == ["Indexing: 1", "Indexing: 2"]
