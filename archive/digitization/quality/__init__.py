"""The quality line of DA/T 31: the plan of a batch, what is wrong with its pages, sampling checks, statistics."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes and services of the quality line."""
    # Imported here: the tables and rules of this package are used where there is no web.
    from archive.digitization.quality.service import QualityService

    config.add_route("digitization.quality", "/batches/{batch_id}/quality")
    config.add_route("digitization.custody", "/batches/{batch_id}/quality/custody", request_method="POST")
    config.add_route("digitization.sample", "/batches/{batch_id}/quality/sample", request_method="POST")
    config.add_route("digitization.check", "/batches/{batch_id}/quality/{check_id}")
    config.add_route("digitization.conclude", "/batches/{batch_id}/quality/{check_id}/conclude", request_method="POST")
    config.add_route("digitization.statistics", "/digitization/statistics", request_method="GET")
    config.add_route(
        "digitization.statistics_export", "/digitization/statistics.{format:csv|xlsx}", request_method="GET"
    )
    config.register_service_factory(
        lambda _context, request: QualityService(request.db, request.clock, request.actor), iface=QualityService
    )
    config.scan(".views")
