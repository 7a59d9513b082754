"""Orders to scan: kept by either database, one at a time, and stopped without stopping the reading of pages."""

import pytest

from archive.digitization.models import BatchSource
from archive.digitization.scanner.service import ScannerService
from archive.digitization.service import IntakeService
from archive.platform.actor import SYSTEM
from archive.platform.errors import ConflictError
from archive.platform.parts import Parts
from ingest.programs.scan_options import Feed
from ingest.programs.scanimage import ScanOrder
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases


@on_both_databases
def test_an_order_begins_and_stops(parts: Parts, organisation: Organisation) -> None:
    """While a batch is scanned nobody scans into it again; once stopped, it goes on."""
    order = ScanOrder("test:0", Feed.FEEDER)
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, SYSTEM, parts.settings.zone)
        batch = intake.open_batch(organisation.people["archivist"], organisation.category, BatchSource.SCANNER)
        scanners = ScannerService(session, parts.clock)
        scanners.begin(batch, order)
        assert scanners.is_scanning(batch.id)
        assert scanners.last_order(batch.id) == order
        with pytest.raises(ConflictError):
            scanners.begin(batch, order)
        scanners.stop(batch)
        assert not scanners.is_scanning(batch.id)
        scanners.begin(batch, order)
