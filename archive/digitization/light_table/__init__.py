"""The light table: the pages of a batch are put in order by hand, before anything of it is filed."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes and service of the light table."""
    from archive.digitization.light_table.service import LightTableService

    config.add_route("digitization.light_table", "/batches/{batch_id}/light-table")
    config.add_route("digitization.board", "/batches/{batch_id}/light-table/board")
    config.add_route("digitization.table_items", "/batches/{batch_id}/light-table/items")
    config.add_route("digitization.replace", "/batches/{batch_id}/light-table/replace", request_method="POST")
    config.add_route("digitization.page_image", "/batches/{batch_id}/pages/{page_id}/image")
    config.add_route("digitization.page_thumbnail", "/batches/{batch_id}/pages/{page_id}/thumbnail")
    config.register_service_factory(
        lambda _context, request: LightTableService(request.db, request.clock, request.actor), iface=LightTableService
    )
    config.scan(".views")
