"""Describes an item in its stored object: the first time what was accepted, later what the database knows."""

from collections.abc import Mapping
from datetime import UTC, datetime

from archive.catalogue.access_copies import renew_access_copies
from archive.catalogue.da_t_46 import da_t_46
from archive.catalogue.events import AGENT
from archive.catalogue.item_facts import ItemFacts
from archive.catalogue.new_item import NewItem
from archive.catalogue.premis import act_event, ingestion_event, premis, preservation_event
from archive.catalogue.stored_object import (
    DA_T_46,
    METADATA,
    PREMIS,
    Derived,
    FormerFormatError,
    Ingestion,
    ItemDocument,
)
from archive.platform.actor import SYSTEM
from archive.platform.parts import Parts
from archive.platform.scratch import scratch_folder
from storage.errors import LayoutError
from storage.fixity import digest_of
from storage.layout import Content, Inventory

__all__ = ["ADDRESS", "describe", "first_description"]

#: the archive as the author of versions: OCFL wants a URI
ADDRESS = "urn:danggui:archive"

#: what the first release wrote in the place of PREMIS
_FORMER_EVENTS = "metadata/events.json"


def first_description(new: NewItem, copies: Mapping[str, Content], person: str, at: datetime) -> dict[str, Content]:
    """The metadata of version 1. No code yet, and no names: those are the database's to give.

    `copies` are the derivatives by path, `person` is the name of whoever accepted the item.
    """
    ingestion = Ingestion(at.astimezone(UTC).isoformat(), person, AGENT)
    derived = {path: Derived(path, content.size, content.sha256) for path, content in copies.items()}
    events = [ingestion_event(new.id, ingestion, new.accepted_by, new.files)]
    told = premis(new.id, None, new.files, derived, events)
    derived[PREMIS] = Derived.of_bytes(PREMIS, told)
    document = ItemDocument(ingestion, derived, {"accepted": new.to_json()})
    return {PREMIS: Content.of_bytes(told), METADATA: Content.of_bytes(document.to_json())}


def describe(parts: Parts, facts: ItemFacts) -> int:
    """Commit what differs from the newest version, if anything does; returns the number of the newest version.

    Only for the holder of the item's lease. Raises NotStoredError, LayoutError, RowError, StoreUnavailableError.
    """
    item_id = facts.item.id
    parts.repository.recover(item_id)
    inventory = parts.repository.inventory(item_id)
    if inventory.head < facts.item.stored_version:
        # To go on from here would write another history than the one that the second copy still holds.
        wanted = f"v{facts.item.stored_version}"
        raise LayoutError(
            f"{item_id} was stored up to {wanted} and is v{inventory.head} now: it must be repaired first"
        )
    before = _described_before(parts, inventory)
    with scratch_folder(parts.settings) as folder:
        # Readings are never changed, so the texts need not be read to know that they are the same.
        renewed = _readings(facts) != before.readings
        copies = renew_access_copies(parts, facts, folder) if renewed else {}
        return _commit(parts, facts, inventory, before, copies)


def _commit(
    parts: Parts, facts: ItemFacts, inventory: Inventory, before: ItemDocument, copies: Mapping[str, Content]
) -> int:
    """What differs from `before`, as a new version; `copies` are the derivatives that were made anew."""
    item_id = facts.item.id
    derived = dict(before.derived) | {path: Derived(path, copy.size, copy.sha256) for path, copy in copies.items()}
    files = dict(copies) | {
        path: Content.of_bytes(data) for path, data in _accounts(facts, before.ingestion, derived).items()
    }
    derived |= {path: Derived(path, content.size, content.sha256) for path, content in files.items()}
    changes: dict[str, Content | None] = {
        path: content for path, content in files.items() if derived[path] != before.derived.get(path)
    }
    if _FORMER_EVENTS in inventory.state:
        changes[_FORMER_EVENTS] = None
    if not changes and before.facts == facts.document(inventory.head):
        return inventory.head
    version = inventory.head + 1
    document = ItemDocument(before.ingestion, derived, facts.document(version))
    changes[METADATA] = Content.of_bytes(document.to_json())
    committed = parts.repository.commit(
        item_id, version, changes, message="described", user=SYSTEM.name, address=ADDRESS, created=parts.clock()
    )
    return committed.head


def _accounts(facts: ItemFacts, ingestion: Ingestion, derived: Mapping[str, Derived]) -> dict[str, bytes]:
    """The two accounts of metadata that follow from the rows, and from the derived files as they are now."""
    item = facts.item
    described = da_t_46(facts, ingestion, derived)
    events = [
        ingestion_event(item.id, ingestion, item.accepted_by, item.files),
        *sorted([*map(act_event, facts.acts), *map(preservation_event, facts.events)], key=lambda event: event.at),
    ]
    return {DA_T_46: described, PREMIS: premis(item.id, item.code, item.files, derived, events)}


def _readings(facts: ItemFacts) -> frozenset[tuple[int, int]]:
    """Page number and version of each reading."""
    pages = facts.item.pages
    return frozenset((page.number, reading["version"]) for page in pages for reading in facts.readings.get(page.id, ()))


def _described_before(parts: Parts, inventory: Inventory) -> ItemDocument:
    """`metadata/item.json` of the newest version; what can be known of it where the first release wrote it."""
    try:
        return ItemDocument.of_json(parts.repository.read(inventory.object_id, METADATA))
    except FormerFormatError:
        first = inventory.versions[0]
        ingestion = Ingestion(first.created.astimezone(UTC).isoformat(), first.user, "")
        copies = [path for path in inventory.state if path.startswith(("derivatives/", "text/"))]
        derived = {path: _digested(parts, inventory.object_id, path) for path in sorted(copies)}
        return ItemDocument(ingestion, derived, {"files": []})


def _digested(parts: Parts, item_id: str, path: str) -> Derived:
    with parts.repository.open(item_id, path) as stream:
        digest = digest_of(stream)
    return Derived(path, digest.size, digest.sha256)
