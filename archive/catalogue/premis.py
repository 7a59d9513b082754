"""`metadata/premis.xml`: the files of an object, what happened to it and who did it, as PREMIS 3.

The item is an intellectual entity, each original and each derivative a file. Events come from three places: how the
object was stored, acts on the catalogue (the audit trail), and what became of the stored bytes (preservation events).
Digests and sizes are those of the files themselves, before any encryption.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from archive.catalogue.events import EventOutcome, EventType, PreservationEvent
from archive.catalogue.formats import Format, format_of
from archive.catalogue.models import ItemFile
from archive.catalogue.new_item import NewFile
from archive.catalogue.stored_object import ACCESS_PDF, ALTO, DERIVED_FORMATS, PAGE_TEXTS, Derived, Ingestion
from archive.catalogue.xml_document import Element, add, xml_document
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.wording import words_for

__all__ = ["Event", "act_event", "ingestion_event", "premis", "preservation_event"]

_NAMESPACE = "http://www.loc.gov/premis/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

#: what is told of as a file, beside the originals; metadata describes and is not described
_DERIVATIVES = (ACCESS_PDF, ALTO, PAGE_TEXTS)
#: made once, when the object was; the texts are written anew with every further reading
_MADE_AT_INGESTION = (ACCESS_PDF, ALTO)

_PROGRAM = "danggui"

#: an identifier: its kind, and its value
_Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Agent:
    """Who acted. A program is named with its version, a person by the id of the account where it is known."""

    name: str
    kind: str
    identifier: _Name
    version: str = ""

    @classmethod
    def program(cls, name: str) -> "_Agent":
        """`name` with its version, e.g. `danggui 1.0`."""
        word, _, version = name.partition(" ")
        return cls(word, "software", ("program", name), version)

    @classmethod
    def person(cls, name: str, person_id: str | None = None) -> "_Agent":
        return cls(name, "person", ("UUID", person_id) if person_id else ("name", name))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the item, or also to the files named by `paths`; agents with the role of each."""

    identifier: _Name
    type: str
    at: str
    detail: str
    agents: tuple[tuple[_Agent, str], ...]
    outcome: str = EventOutcome.SUCCESS.value
    paths: tuple[str, ...] = field(default=())


def ingestion_event(item_id: str, ingestion: Ingestion, person_id: str, files: Iterable[NewFile | ItemFile]) -> Event:
    """The object was stored, by the program, because a person accepted it."""
    program = _Agent.program(ingestion.program or _PROGRAM)
    person = _Agent.person(ingestion.person, person_id)
    return Event(
        ("ingestion of", item_id),
        EventType.INGESTION.value,
        ingestion.at,
        "accepted, checked against the digests of the upload and stored as version 1",
        ((program, "executing program"), (person, "authorizer")),
        paths=tuple(file.path for file in files),
    )


def act_event(entry: AuditEntry) -> Event:
    """An act on the catalogue, as the audit trail has it."""
    accepted = entry.action == AuditAction.ITEM_ACCEPTED.value
    agent = _Agent.person(entry.actor_name, entry.actor_id) if entry.actor_id else _Agent.program(_PROGRAM)
    return Event(
        ("UUID", entry.id),
        "accession" if accepted else "metadata modification",
        _moment(entry.at),
        _detail(words_for(entry.action), entry.details),
        ((agent, "implementer"),),
    )


def preservation_event(row: PreservationEvent) -> Event:
    """Something that became of the stored bytes, in one of the stores."""
    agent = _Agent.program(row.agent) if row.agent.split(" ")[0] == _PROGRAM else _Agent.person(row.agent)
    place = f"{row.location.value} store" if row.location else ""
    role = "executing program" if agent.kind == "software" else "implementer"
    return Event(
        ("UUID", row.id),
        row.type.value,
        _moment(row.at),
        _detail(place, row.details),
        ((agent, role),),
        row.outcome.value,
    )


def premis(
    item_id: str,
    code: str | None,
    originals: Sequence[NewFile | ItemFile],
    derived: Mapping[str, Derived],
    events: Sequence[Event],
) -> bytes:
    """The file. `code` is the archival code, None as long as there is none; originals and events in order."""
    root = Element(
        "premis",
        {
            "xmlns": _NAMESPACE,
            "xmlns:xsi": _XSI,
            "xsi:schemaLocation": f"{_NAMESPACE} https://www.loc.gov/standards/premis/premis.xsd",
            "version": "3.0",
        },
    )
    derivatives = [derived[path] for path in _DERIVATIVES if path in derived]
    _add_entity(root, item_id, code, [file.path for file in (*originals, *derivatives)], events)
    for original in originals:
        kind = format_of(original.media_type)
        _add_file(root, item_id, original, kind, events, name=original.name)
    stored_by = [agent for event in events if event.type == EventType.INGESTION.value for agent, _ in event.agents]
    made_by = next((agent for agent in stored_by if agent.version), None)
    for derivative in derivatives:
        program = made_by if derivative.path in _MADE_AT_INGESTION else None
        sources = [_path(item_id, file.path) for file in originals]
        kind = DERIVED_FORMATS[derivative.path]
        _add_file(root, item_id, derivative, kind, events, sources=sources, program=program)
    for event in events:
        _add_event(root, item_id, event)
    for agent in dict.fromkeys(agent for event in events for agent, _ in event.agents):
        _add_agent(root, agent, [event for event in events if agent in dict(event.agents)])
    return xml_document(root)


# --- objects ---


def _add_entity(root: Element, item_id: str, code: str | None, paths: Iterable[str], events: Iterable[Event]) -> None:
    entity = add(root, "object", **{"xsi:type": "intellectualEntity"})
    _identify(entity, "objectIdentifier", ("UUID", item_id))
    if code is not None:
        _identify(entity, "objectIdentifier", ("archival code", code))
    _relate(entity, "structural", "has part", [_path(item_id, path) for path in paths])
    for event in events:
        _identify(entity, "linkingEventIdentifier", event.identifier)


def _add_file(
    root: Element,
    item_id: str,
    file: NewFile | ItemFile | Derived,
    kind: Format,
    events: Iterable[Event],
    *,
    name: str = "",
    sources: Sequence[_Name] = (),
    program: _Agent | None = None,
) -> None:
    element = add(root, "object", **{"xsi:type": "file"})
    _identify(element, "objectIdentifier", _path(item_id, file.path))
    _add_characteristics(element, file, kind, program)
    if name:
        add(element, "originalName", name)
    _relate(element, "structural", "is part of", [("UUID", item_id)])
    if sources:
        _relate(element, "derivation", "has source", sources)
    for event in events:
        if file.path in event.paths:
            _identify(element, "linkingEventIdentifier", event.identifier)


def _add_characteristics(
    parent: Element, file: NewFile | ItemFile | Derived, kind: Format, program: _Agent | None
) -> None:
    facts = add(parent, "objectCharacteristics")
    fixity = add(facts, "fixity")
    add(fixity, "messageDigestAlgorithm", "SHA-256")
    add(fixity, "messageDigest", file.sha256)
    add(facts, "size", file.size)
    stated = add(facts, "format")
    add(add(stated, "formatDesignation"), "formatName", kind.name)
    if kind.puid:
        registry = add(stated, "formatRegistry")
        add(registry, "formatRegistryName", "PRONOM")
        add(registry, "formatRegistryKey", kind.puid)
    if program is not None:
        creator = add(facts, "creatingApplication")
        add(creator, "creatingApplicationName", program.name)
        add(creator, "creatingApplicationVersion", program.version)


def _relate(parent: Element, kind: str, sub_kind: str, others: Iterable[_Name]) -> None:
    relationship = add(parent, "relationship")
    add(relationship, "relationshipType", kind)
    add(relationship, "relationshipSubType", sub_kind)
    for other in others:
        _identify(relationship, "relatedObjectIdentifier", other)


# --- events and agents ---


def _add_event(root: Element, item_id: str, event: Event) -> None:
    element = add(root, "event")
    _identify(element, "eventIdentifier", event.identifier)
    add(element, "eventType", event.type)
    add(element, "eventDateTime", event.at)
    if event.detail:
        add(add(element, "eventDetailInformation"), "eventDetail", event.detail)
    add(add(element, "eventOutcomeInformation"), "eventOutcome", event.outcome)
    for agent, role in event.agents:
        add(_identify(element, "linkingAgentIdentifier", agent.identifier), "linkingAgentRole", role)
    _identify(element, "linkingObjectIdentifier", ("UUID", item_id))
    for path in event.paths:
        _identify(element, "linkingObjectIdentifier", _path(item_id, path))


def _add_agent(root: Element, agent: _Agent, events: Iterable[Event]) -> None:
    element = add(root, "agent")
    _identify(element, "agentIdentifier", agent.identifier)
    add(element, "agentName", agent.name)
    add(element, "agentType", agent.kind)
    if agent.version:
        add(element, "agentVersion", agent.version)
    for event in events:
        _identify(element, "linkingEventIdentifier", event.identifier)


def _identify(parent: Element, tag: str, name: _Name) -> Element:
    element = add(parent, tag)
    kind, value = name
    add(element, f"{tag}Type", kind)
    add(element, f"{tag}Value", value)
    return element


def _path(item_id: str, path: str) -> _Name:
    return "path in the store", f"{item_id}/{path}"


def _detail(what: str, details: Mapping[str, Any]) -> str:
    told = json.dumps(details, ensure_ascii=False, sort_keys=True) if details else ""
    return " ".join(part for part in (what, told) if part)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
