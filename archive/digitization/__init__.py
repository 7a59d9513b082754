"""Batches of scans: taken in, recognised page by page, reviewed beside the image, accepted, filed."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes and services of intake and review."""
    # Imported here: the tables and jobs of this package are used where there is no web.
    from archive.catalogue.secrecy import SecrecyWatch
    from archive.digitization.control import BatchControl
    from archive.digitization.correction import CorrectionService
    from archive.digitization.retry import RetryService
    from archive.digitization.review import DraftService
    from archive.digitization.secrecy.records import RecordIncidents
    from archive.digitization.secrecy.service import SecrecyService
    from archive.digitization.service import IntakeService

    config.add_route("digitization.batches", "/batches")
    config.add_route("digitization.batch", "/batches/{batch_id}")
    config.add_route("digitization.progress", "/batches/{batch_id}/progress")
    config.add_route("digitization.retry", "/batches/{batch_id}/retry", request_method="POST")
    config.add_route("digitization.control", "/batches/{batch_id}/control", request_method="POST")
    config.add_route("digitization.rows", "/batches/{batch_id}/rows")
    config.add_route("digitization.draft", "/drafts/{draft_id}")
    config.add_route("digitization.discard", "/drafts/{draft_id}/discard", request_method="POST")
    config.add_route("digitization.state", "/drafts/{draft_id}/state")
    config.add_route("digitization.image", "/drafts/{draft_id}/pages/{number:[0-9]{1,6}}/image")
    config.add_route("digitization.draft_text", "/drafts/{draft_id}/pages/{number:[0-9]{1,6}}/text")
    config.add_route("digitization.thumbnail", "/drafts/{draft_id}/pages/{number:[0-9]{1,6}}/thumbnail")
    config.add_route("secrecy.incidents", "/secrecy", request_method="GET")
    config.add_route("secrecy.incident", "/secrecy/{incident_id}", request_method="GET")
    config.add_route("secrecy.report", "/secrecy/{incident_id}/report", request_method="GET")
    config.add_route("secrecy.erase", "/secrecy/{incident_id}/erase", request_method="POST")
    config.add_route("secrecy.propose", "/secrecy/{incident_id}/propose", request_method="POST")
    config.add_route("secrecy.release", "/secrecy/{incident_id}/release", request_method="POST")
    config.register_service_factory(
        lambda _context, request: SecrecyService(request.db, request.clock, request.actor), iface=SecrecyService
    )
    config.register_service_factory(
        lambda _context, request: RecordIncidents(
            request.db, request.clock, request.actor, request.parts.settings.zone
        ),
        iface=SecrecyWatch,
    )
    config.register_service_factory(
        lambda _context, request: BatchControl(request.db, request.clock, request.actor), iface=BatchControl
    )
    config.register_service_factory(
        lambda _context, request: CorrectionService(request.db, request.clock, request.actor), iface=CorrectionService
    )
    config.register_service_factory(
        lambda _context, request: DraftService(request.db, request.clock, request.actor), iface=DraftService
    )
    config.register_service_factory(
        lambda _context, request: IntakeService(request.db, request.clock, request.actor, request.parts.settings.zone),
        iface=IntakeService,
    )
    config.register_service_factory(
        lambda _context, request: RetryService(
            request.db, request.clock, request.actor, request.find_service(IntakeService)
        ),
        iface=RetryService,
    )
    config.scan(".views")
    for part in (".quality", ".light_table", ".upload", ".scanner", ".learning", ".separators"):
        config.include(part)
    config.scan(".secrecy.views")
    config.scan(".upload.views")
    config.scan(".scanner.views")
