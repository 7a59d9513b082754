"""Search pages and the viewer: what a person finds and sees, always by the guard's leave."""

from typing import Any

__all__ = ["includeme"]

_ITEM = "/items/{item_id}"
_IMAGE = "/iiif/{item_id}/{number:[0-9]{1,6}}"


def includeme(config: Any) -> None:
    """Routes and services of finding and seeing."""
    # Imported here: what this package puts into the index is used where there is no web.
    from archive.discovery.service import SearchService

    def service(_context: object, request: Any) -> SearchService:
        return SearchService(request.db, request.clock, request.parts.index, request.identity, request.seat)

    config.add_route("discovery.search", "/search")
    config.add_route("discovery.item", _ITEM)
    config.add_route("discovery.viewer", _ITEM + "/view")
    config.add_route("discovery.text", _ITEM + "/pages/{number:[0-9]{1,6}}/text")
    config.add_route("discovery.correction", _ITEM + "/pages/{number:[0-9]{1,6}}/correction", request_method="GET")
    config.add_route("discovery.reading", _ITEM + "/pages/{number:[0-9]{1,6}}/reading")
    config.add_route("discovery.versions", _ITEM + "/pages/{number:[0-9]{1,6}}/versions", request_method="GET")
    config.add_route("discovery.pdf", _ITEM + "/pdf")
    config.add_route("discovery.information", _IMAGE + "/info.json")
    config.add_route("discovery.image", _IMAGE + "/{region}/{size}/{rotation}/{quality}.{format}")
    config.register_service_factory(service, iface=SearchService)
    config.scan(".views")
