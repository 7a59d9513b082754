"""Fonds, categories, archival codes, boxes, items and their pages: what the archive holds and how it is described."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """The pages of boxes; `request.scans`, plain page images for whoever delivers them."""
    # Imported here: the tables and services of this package are used where there is no web.
    from archive.catalogue.boxes import Boxes
    from archive.catalogue.scans import scans_of

    config.add_route("catalogue.boxes", "/boxes", request_method="GET")
    config.add_route("catalogue.box", "/boxes/{box_id}", request_method="GET")
    config.register_service_factory(
        lambda _context, request: Boxes(request.db, request.clock, request.identity), iface=Boxes
    )
    config.add_request_method(scans_of, "scans", reify=True)
    config.scan(".views")
