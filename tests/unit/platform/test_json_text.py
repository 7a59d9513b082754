"""JSON in the database is what the standard library would have written and read, only quicker."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.platform.json_text import of_json, to_json

_PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_TEXT = st.text(st.characters(exclude_categories=()))
_ANY = st.recursive(_PLAIN | _TEXT, lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner), max_leaves=20)


@given(_ANY)
def test_there_and_back(value: Any) -> None:
    """Whatever is JSON comes back equal, through either of the two: huge numbers and half surrogate pairs too."""
    assert of_json(to_json(value)) == value
    assert json.loads(to_json(value)) == value
    assert of_json(json.dumps(value)) == value


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_what_is_no_json_is_refused(value: Any) -> None:
    """As the standard library does."""
    with pytest.raises(TypeError):
        to_json(value)


def test_what_is_no_json_text_is_refused() -> None:
    """As the standard library does."""
    with pytest.raises(ValueError, match="Expecting"):
        of_json("{")
