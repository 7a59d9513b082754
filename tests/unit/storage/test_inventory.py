"""Inventories are written the same way every time, and forged ones are refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.errors import LayoutError, NotStoredError
from storage.inventory import Inventory, Version, sidecar_of

SHA512, SHA256 = "5" * 128, "2" * 64
VERSION = Version(
    1, datetime(2025, 3, 1, tzinfo=UTC), "归档", "张三", "mailto:a@example.org", {"a": SHA512, "b": SHA512}
)
INVENTORY = Inventory("item", (VERSION,), {SHA512: "v1/content/a"}, {SHA512: SHA256})


def test_an_inventory_survives_json() -> None:
    """What is written is read again as it was, Chinese names in the clear."""
    data = INVENTORY.to_json()
    assert Inventory.of_json(data) == INVENTORY
    assert Inventory.of_json(data).to_json() == data
    assert "张三" in data.decode()


def test_the_head_leads_to_content() -> None:
    """A logical path leads to the stored file, a wrong one to NotStoredError."""
    assert INVENTORY.content_path("b") == "v1/content/a"
    with pytest.raises(NotStoredError):
        INVENTORY.content_path("c")


def test_a_sidecar_is_one_line() -> None:
    """A sidecar is what `sha512sum` writes, with one blank."""
    assert sidecar_of(b"").startswith(b"cf83e1357eefb8bd")
    assert sidecar_of(b"").endswith(b" inventory.json\n")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["type"], "https://ocfl.io/2.0/spec/#inventory"),
        (["digestAlgorithm"], "md5"),
        (["head"], "v2"),
        (["versions"], {}),
        (["versions", "v1", "state"], {"0" * 128: ["a"]}),
        (["versions", "v1", "created"], "yesterday"),
        (["versions", "v1", "user"], None),
        (["manifest"], {SHA512: ["../../../etc/passwd"]}),
        (["manifest"], {SHA512: ["v1/content/a", "v1/content/b"]}),
        (["fixity"], {}),
        (["id"], None),
    ],
)
def test_forged_inventories_are_refused(path: list[str], value: object) -> None:
    """What is not an inventory of ours is a LayoutError, whatever is wrong with it; no path leads out of the object."""
    document: Any = json.loads(INVENTORY.to_json())
    block = document
    for name in path[:-1]:
        block = block[name]
    block[path[-1]] = value
    with pytest.raises(LayoutError):
        Inventory.of_json(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b"1"])
def test_damaged_json_is_refused(data: bytes) -> None:
    """Bytes that are no inventory at all are a LayoutError."""
    with pytest.raises(LayoutError):
        Inventory.of_json(data)
