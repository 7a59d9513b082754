"""Search pages and the viewer: what a person finds and sees, always by the guard's leave."""

from typing import Any

from archive.discovery.scans import ScanCache
from archive.discovery.service import SearchService

__all__ = ["includeme"]

_ITEM = "/items/{item_id}"
_IMAGE = "/iiif/{item_id}/{number:[0-9]{1,6}}"


def includeme(config: Any) -> None:
    """Routes and services of finding and seeing."""
    config.add_route("discovery.search", "/search")
    config.add_route("discovery.item", _ITEM)

    config.add_route("discovery.viewer", _ITEM + "/view")
    config.add_route("discovery.text", _ITEM + "/pages/{number:[0-9]{1,6}}/text")
    config.add_route("discovery.pdf", _ITEM + "/pdf")
    config.add_route("discovery.information", _IMAGE + "/info.json")
    config.add_route("discovery.image", _IMAGE + "/{region}/{size}/{rotation}/{quality}.{format}")
    config.register_service_factory(_search_service, iface=SearchService)
    config.add_request_method(_scans, "scans", reify=True)
    config.scan(".views")


def _search_service(_context: object, request: Any) -> SearchService:
    return SearchService(request.db, request.clock, request.parts.index, request.identity)


def _scans(request: Any) -> ScanCache:
    """The one cache of page images of this process."""
    registry = request.registry
    if not hasattr(registry, "danggui_scans"):
        registry.danggui_scans = ScanCache(request.parts.repository, request.parts.settings.folder / "cache")
    cache: ScanCache = registry.danggui_scans
    return cache
