"""Upload from the browser in pieces: what broke off goes on where it stopped."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes of the protocol that docs/features/sources.md describes."""
    config.add_route("digitization.uploads", "/uploads")
    config.add_route("digitization.upload_files", "/uploads/{batch_id}", request_method="POST")
    config.add_route("digitization.upload_finish", "/uploads/{batch_id}/finish", request_method="POST")
    config.add_route("digitization.upload", "/uploads/{batch_id}/{upload_id}", request_method="PATCH")
