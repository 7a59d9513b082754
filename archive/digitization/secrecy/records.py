"""Incidents on records: a mark of state secrecy that comes to light after a page was filed."""

from datetime import tzinfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from archive.catalogue.models import Item, ItemFile, Page, Secrecy
from archive.catalogue.secrecy import set_secrecy
from archive.catalogue.service import CatalogueService
from archive.digitization.secrecy.models import IncidentState, SecrecyIncident
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id

__all__ = ["RecordIncidents", "next_incident_number"]


class RecordIncidents:
    """The archive.catalogue.secrecy.SecrecyWatch of this feature, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone

    def is_let_through(self, page: Page) -> bool:
        """Whether two people said of this page, on the record or when it came, that its mark is none."""
        same = (SecrecyIncident.file_sha256 == _sha256(self._file(page)), SecrecyIncident.page == page.source_page + 1)
        return bool(
            self._session.scalar(select(exists().where(*same, SecrecyIncident.state == IncidentState.RELEASED)))
        )

    def report(self, page: Page, level: Secrecy) -> None:
        """Raise the record's secrecy, so that nobody reads it, and enter the incident, with no word of the page."""
        if self._actor.person_id is None:
            raise ValueError("a person corrected the page")
        item, file = self._session.get_one(Item, page.item_id), self._file(page)
        incident = SecrecyIncident(
            id=new_id(),
            number=next_incident_number(self._session, self._clock, self._zone),
            found_at=self._clock(),
            item_id=item.id,
            former_secrecy=item.secrecy,
            source=None,
            brought_by=self._actor.person_id,
            file_position=file.number,
            file_sha256=_sha256(file),
            page=page.source_page + 1,
            file_count=self._session.scalar(select(func.count()).where(ItemFile.item_id == item.id)) or 0,
            isolated_at=self._clock(),
        )
        self._session.add(incident)
        self._session.flush()
        set_secrecy(self._session, self._clock, self._actor, item, level)
        facts = {"number": incident.number, "item": item.id, "page": page.number}
        record(
            self._session,
            self._clock,
            self._actor,
            AuditAction.SECRECY_REPORTED,
            "secrecy_incident",
            incident.id,
            **facts,
        )

    def _file(self, page: Page) -> ItemFile:
        return self._session.get_one(ItemFile, page.file_id)


def next_incident_number(session: Session, clock: Clock, zone: tzinfo) -> str:
    """The next number of the year, such as 2026-001."""
    year = clock().astimezone(zone).year
    number = CatalogueService(session, clock, SYSTEM).next_number(f"secrecy-incident-{year}")
    return f"{year}-{number:03}"


def _sha256(file: ItemFile) -> str:
    """Of the file as it came."""
    return file.source_sha256 or file.sha256
