"""Scanning at this machine: pages come from the feeder or the glass into a batch, one by one."""

from typing import Any

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Routes and the service."""
    # Imported here: the job of this package is done where there is no web.
    from archive.digitization.scanner.service import ScannerService

    config.add_route("digitization.scanner", "/digitization/scan")
    config.add_route("digitization.scanning", "/digitization/scan/{batch_id}")
    config.add_route("digitization.scanned", "/digitization/scan/{batch_id}/progress", request_method="GET")
    config.add_route("digitization.scan_stop", "/digitization/scan/{batch_id}/stop", request_method="POST")
    config.add_route("digitization.scan_finish", "/digitization/scan/{batch_id}/finish", request_method="POST")
    config.register_service_factory(
        lambda _context, request: ScannerService(request.db, request.clock), iface=ScannerService
    )
