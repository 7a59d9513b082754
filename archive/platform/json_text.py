"""JSON as text and back, several times as fast as the standard library: page texts are most of what is kept so.

What the quick way refuses (half a surrogate pair, numbers beyond 64 bits) goes the standard way.
"""

import json
from typing import Any

import orjson

__all__ = ["of_json", "to_json"]


def to_json(value: Any) -> str:
    """The text. Raises TypeError or ValueError for what is no JSON."""
    try:
        return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS).decode()
    except TypeError:
        return json.dumps(value)


def of_json(text: str | bytes) -> Any:
    """The value. Raises ValueError for what is no JSON."""
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)
