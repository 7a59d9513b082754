"""`metadata/premis.xml` is PREMIS 3 in its order of elements, and every link in it leads somewhere."""

import re
from datetime import timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from archive.catalogue.events import EventOutcome, EventType, PreservationEvent
from archive.catalogue.premis import Event, act_event, ingestion_event, premis, preservation_event
from archive.catalogue.stored_object import ACCESS_PDF, DERIVED_FORMATS, PAGE_TEXTS
from archive.platform.parts import Location
from tests.unit.records.described import AT, DERIVED, INGESTION, item_facts

_SPACE = "{http://www.loc.gov/premis/v3}"
_KIND = "{http://www.w3.org/2001/XMLSchema-instance}type"

#: the children of each element that we write, in the order of the data dictionary; `*` marks those that must be there
_ORDER = {
    "premis": "object* event agent rights",
    "object": "objectIdentifier* preservationLevel significantProperties objectCharacteristics originalName storage"
    " signatureInformation relationship linkingEventIdentifier linkingRightsStatementIdentifier",
    "objectIdentifier": "objectIdentifierType* objectIdentifierValue*",
    "objectCharacteristics": "compositionLevel fixity size format* creatingApplication inhibitors",
    "fixity": "messageDigestAlgorithm* messageDigest* messageDigestOriginator",
    "format": "formatDesignation formatRegistry formatNote",
    "formatDesignation": "formatName* formatVersion",
    "formatRegistry": "formatRegistryName* formatRegistryKey* formatRegistryRole",
    "creatingApplication": "creatingApplicationName creatingApplicationVersion dateCreatedByApplication",
    "relationship": "relationshipType* relationshipSubType* relatedObjectIdentifier* relatedEventIdentifier",
    "relatedObjectIdentifier": "relatedObjectIdentifierType* relatedObjectIdentifierValue* relatedObjectSequence",
    "linkingEventIdentifier": "linkingEventIdentifierType* linkingEventIdentifierValue*",
    "event": "eventIdentifier* eventType* eventDateTime* eventDetailInformation eventOutcomeInformation"
    " linkingAgentIdentifier linkingObjectIdentifier",
    "eventIdentifier": "eventIdentifierType* eventIdentifierValue*",
    "eventDetailInformation": "eventDetail",
    "eventOutcomeInformation": "eventOutcome eventOutcomeDetail",
    "linkingAgentIdentifier": "linkingAgentIdentifierType* linkingAgentIdentifierValue* linkingAgentRole",
    "linkingObjectIdentifier": "linkingObjectIdentifierType* linkingObjectIdentifierValue* linkingObjectRole",
    "agent": "agentIdentifier* agentName agentType agentVersion agentNote linkingEventIdentifier",
    "agentIdentifier": "agentIdentifierType* agentIdentifierValue*",
}


def _event(kind: EventType, number: int, agent: str = "danggui 0.2.0") -> PreservationEvent:
    return PreservationEvent(
        id=f"event-{number}",
        type=kind,
        at=AT + timedelta(days=number),
        item_id="",
        location=Location.SECOND,
        outcome=EventOutcome.FAILURE if kind is EventType.FIXITY_CHECK else EventOutcome.SUCCESS,
        details={"paths": ["v1/content/0001.tif"]},
        agent=agent,
    )


def _made(names: tuple[str, ...] = ("一.tif", "二.tif"), code: str | None = "Z109-1") -> ElementTree.Element:
    facts = item_facts(names=names)
    happened = [_event(EventType.FIXITY_CHECK, 1), _event(EventType.RECOVERY, 2, agent="沈鉴")]
    events: list[Event] = [
        ingestion_event(facts.item.id, INGESTION, facts.item.accepted_by, facts.item.files),
        *map(act_event, facts.acts),
        *map(preservation_event, happened),
    ]
    return ElementTree.fromstring(premis(facts.item.id, code, facts.item.files, DERIVED, events))


def _names(root: ElementTree.Element, path: str, tag: str) -> set[tuple[str | None, str | None]]:
    """The identifiers under that tag, as type and value."""
    return {
        (name.findtext(f"{_SPACE}{tag}Type"), name.findtext(f"{_SPACE}{tag}Value"))
        for name in root.iterfind("/".join(f"{_SPACE}{step}" for step in path.split("/")))
    }


def test_the_order_of_the_data_dictionary() -> None:
    """Children come in the standard's order, none is foreign, those that must be there are, and no leaf is empty."""
    for code in ("Z109-1", None):
        for element in _made(code=code).iter():
            name = element.tag.removeprefix(_SPACE)
            children = [child.tag.removeprefix(_SPACE) for child in element]
            if name not in _ORDER:
                assert not children
                assert element.text
                continue
            order = [child.rstrip("*") for child in _ORDER[name].split()]
            assert children == sorted(children, key=order.index)
            assert {child[:-1] for child in _ORDER[name].split() if child.endswith("*")} <= set(children)


def test_an_item_its_originals_and_derivatives() -> None:
    """One intellectual entity; each file with digest, size, format and, where it is certain, its number in PRONOM."""
    root = _made()
    entity, *files = root.iterfind(f"{_SPACE}object")
    assert entity.get(_KIND) == "intellectualEntity"
    assert {file.get(_KIND) for file in files} == {"file"}
    assert len(files) == 2 + len(DERIVED)
    told = {
        str(file.findtext(f"{_SPACE}objectIdentifier/{_SPACE}objectIdentifierValue")).partition("/")[2]: file
        for file in files
    }
    pdf, texts = told[ACCESS_PDF], told[PAGE_TEXTS]
    assert pdf.findtext(f".//{_SPACE}messageDigest") == DERIVED[ACCESS_PDF].sha256
    assert pdf.findtext(f".//{_SPACE}size") == str(DERIVED[ACCESS_PDF].size)
    assert pdf.findtext(f".//{_SPACE}formatRegistryKey") == DERIVED_FORMATS[ACCESS_PDF].puid
    assert pdf.findtext(f".//{_SPACE}creatingApplicationVersion") == "0.1.0"
    assert texts.find(f".//{_SPACE}formatRegistry") is None
    assert told["content/0002.tif"].findtext(f"{_SPACE}originalName") == "二.tif"
    assert told["content/0002.tif"].findtext(f".//{_SPACE}formatRegistryKey") == "fmt/353"


def test_links_lead_both_ways() -> None:
    """What an object or agent says of an event, that event says of it, and nothing is named that is not there."""
    root = _made()
    objects = _names(root, "object/objectIdentifier", "objectIdentifier")
    events = _names(root, "event/eventIdentifier", "eventIdentifier")
    agents = _names(root, "agent/agentIdentifier", "agentIdentifier")
    assert len(agents) == 5
    assert _names(root, "object/relationship/relatedObjectIdentifier", "relatedObjectIdentifier") <= objects
    assert _links(root, "object", "linkingEventIdentifier") == _reversed(
        _links(root, "event", "linkingObjectIdentifier")
    )
    assert _links(root, "agent", "linkingEventIdentifier") == _reversed(_links(root, "event", "linkingAgentIdentifier"))
    assert {event for _, event in _links(root, "object", "linkingEventIdentifier")} == events
    assert {agent for _, agent in _links(root, "event", "linkingAgentIdentifier")} == agents


def test_what_happened() -> None:
    """Storing, acts on the catalogue, damage and repair, each with type, time, outcome and who."""
    told = [
        (event.findtext(f"{_SPACE}eventType"), event.findtext(f".//{_SPACE}eventOutcome"))
        for event in _made().iterfind(f"{_SPACE}event")
    ]
    assert told == [
        ("ingestion", "success"),
        ("accession", "success"),
        ("metadata modification", "success"),
        ("fixity check", "failure"),
        ("recovery", "success"),
    ]


@given(name=st.text(min_size=1))
def test_no_file_name_breaks_it(name: str) -> None:
    """Markup and control characters in a name stay text."""
    found = [element.text for element in _made((name,)).iter(f"{_SPACE}originalName")]
    assert len(found) == 1
    assert re.sub(r"[\s\ufffd\x00-\x1f\ufffe\uffff\ud800-\udfff]", "", found[0] or "") == re.sub(
        r"[\s\ufffd\x00-\x1f\ufffe\uffff\ud800-\udfff]", "", name
    )


Link = tuple[tuple[str | None, str | None], tuple[str | None, str | None]]


def _links(root: ElementTree.Element, entity: str, tag: str) -> set[Link]:
    """From the first identifier of each entity to what its links name."""
    links: set[Link] = set()
    for element in root.iterfind(f"{_SPACE}{entity}"):
        own = element.find(f"{_SPACE}{entity}Identifier")
        assert own is not None
        name = own.findtext(f"{_SPACE}{entity}IdentifierType"), own.findtext(f"{_SPACE}{entity}IdentifierValue")
        links |= {(name, other) for other in _names(element, tag, tag)}
    return links


def _reversed(links: set[Link]) -> set[Link]:
    return {(other, one) for one, other in links}
