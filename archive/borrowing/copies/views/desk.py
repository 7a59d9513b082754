"""The desk's pages of copies: what waits, the register, one paper from its draft to its hand-over."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.copies.making import drawn, make_paper
from archive.borrowing.copies.models import CopyKind, CopyState, IssuedCopy
from archive.borrowing.copies.queries import CopyQueries
from archive.borrowing.copies.rules import KINDS
from archive.borrowing.copies.service import CopyService, Sentence
from archive.borrowing.copies.words import ASKED, KIND_WORDS, STATEMENTS, STATES
from archive.borrowing.models import RequestLine
from archive.borrowing.service import BorrowingService
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError
from archive.platform.evidence import evidence
from archive.platform.i18n import _
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/copies/templates/"
_TASK = _("制作和核对复制件、摘录、证明")
_LINES = 8


@view_config(route_name="copies.waiting", permission=Permission.DESK, renderer=_TEMPLATES + "waiting.jinja2")
def waiting(request: Request) -> dict[str, Any]:
    """Approved lines to be carried out, and papers in hand."""
    page = page_number(request.GET.get("page", ""))
    total, lines = _queries(request).waiting(page)
    return {
        "lines": lines,
        "total": total,
        "page": page,
        "url": lambda n: request.route_path("copies.waiting", _query={"page": n}),
        "papers": _queries(request).open(),
        "knows": _knows(request),
        "asked": ASKED,
        **_words(),
    }


@view_config(route_name="copies.register", permission=Permission.DESK, renderer=_TEMPLATES + "register.jinja2")
def register(request: Request) -> dict[str, Any]:
    """All numbers, void ones too."""
    page = page_number(request.GET.get("page", ""))
    total, papers = _queries(request).register(page)
    url = {"url": lambda n: request.route_path("copies.register", _query={"page": n})}
    return {"papers": papers, "total": total, "page": page, "knows": _knows(request), **url, **_words()}


@view_config(
    route_name="copies.new", request_method="GET", permission=Permission.DESK, renderer=_TEMPLATES + "new.jinja2"
)
def new(request: Request) -> dict[str, Any]:
    """Choose what is made of an approved line, and of which pages."""
    line = _queries(request).line(request.matchdict["line_id"])
    return _new_form(request, line, {"pages": line.pages, "kind": request.GET.get("kind", "")}, {})


@view_config(
    route_name="copies.new", request_method="POST", permission=Permission.DESK, renderer=_TEMPLATES + "new.jinja2"
)
def begin(request: Request) -> dict[str, Any] | Response:
    """Begin it, and open the record to whoever makes it, as a named task."""
    line = _queries(request).line(request.matchdict["line_id"])
    sent = {name: str(value) for name, value in request.POST.items() if isinstance(value, str)}
    try:
        made = _begun(request, line, sent)
    except InvalidError as error:
        request.tm.doom()
        request.response.status_int = 422
        return _new_form(request, line, sent, {error.field: request.translate(error.message, **error.facts)})
    _open(request, made)
    return HTTPSeeOther(request.route_path("copies.paper", copy_id=made.id))


@view_config(route_name="copies.paper", permission=Permission.DESK, renderer=_TEMPLATES + "paper.jinja2")
def paper(request: Request) -> dict[str, Any]:
    """One paper, and what this person can do with it."""
    return _page(request, _paper(request), {})


@view_config(
    route_name="copies.revise", request_method="GET", permission=Permission.DESK, renderer=_TEMPLATES + "text.jinja2"
)
def text(request: Request) -> dict[str, Any]:
    """The sentences of a draft, to be written anew."""
    made = _paper(request)
    _expect_reading(request, made)
    sentences = [(part.text, str(part.page)) for part in made.parts]
    return {"made": made, "heading": made.heading, "sentences": _padded(sentences), "errors": {}, **_words()}


@view_config(
    route_name="copies.revise", request_method="POST", permission=Permission.DESK, renderer=_TEMPLATES + "text.jinja2"
)
def revise(request: Request) -> dict[str, Any] | Response:
    """Keep what was written; nothing typed is lost when something cannot be used."""
    made = _paper(request)
    heading, sentences = request.POST.get("heading", ""), _sent_sentences(request)
    try:
        item_id = made.parts[0].item_id
        _service(request).revise(made.id, request.identity, heading, _sentences(sentences, item_id))
    except InvalidError as error:
        request.tm.doom()
        request.response.status_int = 422
        errors = {error.field: request.translate(error.message, **error.facts)}
        return {"made": made, "heading": heading, "sentences": _padded(sentences), "errors": errors, **_words()}
    return _back(request)


@view_config(route_name="copies.open", permission=Permission.DESK)
def open_records(request: Request) -> Response:
    """Open the records to whoever makes or checks a paper, as a named task; registered as 业务查看."""
    _open(request, _paper(request))
    return _back(request)


@view_config(route_name="copies.preview", permission=Permission.DESK)
def preview(request: Request) -> Response:
    """The draft as it will be printed, to be compared with the original."""
    made = _paper(request)
    _expect_reading(request, made)
    if made.state is not CopyState.DRAFT:
        raise ForbiddenError(_("已核对的请用“打印”，以便登记。"))
    return _pdf(drawn(request.parts, request.scans, request.db, made, _address(request)), "draft")


@view_config(route_name="copies.check", permission=Permission.DESK)
def check(request: Request) -> Response:
    """It was compared with the original: number it, and make what is printed."""
    made = _paper(request)
    _expect_reading(request, made)
    if request.POST.get("compared") != "yes":
        raise InvalidError(_("请先与原件核对，并确认核对结论。"), field="compared")
    _service(request).check(made.id, request.identity)
    return _made(request)


@view_config(route_name="copies.make", permission=Permission.DESK)
def make(request: Request) -> Response:
    """Make what a power cut left unmade."""
    _paper(request)
    return _made(request)


@view_config(route_name="copies.print", permission=Permission.DESK)
def print_again(request: Request) -> Response:
    """The stored PDF, counted; always the same one under the same number."""
    made = _paper(request)
    _expect_reading(request, made)
    if made.sha256 is None:
        raise ConflictError(_("只有已核对且未作废的才能打印。"))
    copy_id, sha256, person_id, actor = made.id, made.sha256, request.identity.id, request.actor
    request.tm.commit()
    request.tm.begin()
    content = evidence(request.parts.store, sha256)  # counted when it is at hand
    with request.parts.database.writing() as session:
        copies = CopyService(session, request.clock, actor, request.parts.settings.zone)
        prints = copies.printed(copy_id, session.get_one(Person, person_id)).prints
    return _pdf(content, f"copy-{prints}")


@view_config(route_name="copies.hand_over", permission=Permission.DESK, renderer=_TEMPLATES + "paper.jinja2")
def hand_over(request: Request) -> dict[str, Any] | Response:
    """It was fetched."""
    made, sheets = _paper(request), _sent(request, "sheets")
    number = int(sheets) if sheets.isascii() and sheets.isdigit() and len(sheets) < 6 else 0
    receiver = _sent(request, "receiver")
    return _done(request, made, lambda: _service(request).hand_over(made.id, request.identity, receiver, number))


@view_config(route_name="copies.void", permission=Permission.DESK, renderer=_TEMPLATES + "paper.jinja2")
def void(request: Request) -> dict[str, Any] | Response:
    """It does not hold any more; whoever verifies it is told."""
    made = _paper(request)
    return _done(request, made, lambda: _service(request).void(made.id, request.identity, _sent(request, "reason")))


@view_config(route_name="copies.discard", permission=Permission.DESK)
def discard(request: Request) -> Response:
    """Give up a draft."""
    _service(request).discard(_paper(request).id, request.identity)
    return HTTPSeeOther(request.route_path("copies.waiting"))


def _begun(request: Request, line: RequestLine, sent: dict[str, str]) -> IssuedCopy:
    kind = sent.get("kind", "")
    if kind not in KINDS[line.asked]:
        raise InvalidError(_("请选择要做的是哪一种。"), field="kind")
    if kind == CopyKind.COPY:
        return _service(request).draft_copy(line.id, request.identity, sent.get("pages", ""))
    sentences = _sentences(_sent_sentences(request), line.item_id)
    return _service(request).draft_text(line.id, request.identity, CopyKind(kind), sent.get("heading", ""), sentences)


def _new_form(request: Request, line: RequestLine, sent: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    kinds = [(kind, request.translate(KIND_WORDS[kind])) for kind in KINDS[line.asked]]
    known = BorrowingService(request.db, request.clock, request.actor, request.parts.settings.zone)
    item = known.known_item(request.identity, line.item_id)
    kind = sent.get("kind") if sent.get("kind") in KINDS[line.asked] else KINDS[line.asked][0]
    return {
        "line": line,
        "item": item,
        "kinds": kinds,
        "kind": kind,
        "sent": sent,
        "sentences": _padded(_sent_sentences(request)),
        "errors": errors,
        "asked": ASKED,
    }


def _page(request: Request, made: IssuedCopy, errors: dict[str, str]) -> dict[str, Any]:
    person, reads = request.identity, _queries(request).reads(request.identity, made)
    mine = made.kind is not CopyKind.COPY and made.writer_id == person.id
    return {
        "made": made,
        "reads": reads,
        "may_check": not mine and made.applicant_id != person.id,
        "may_write": mine,
        "statement": STATEMENTS[made.kind],
        "errors": errors,
        "sent": {name: _sent(request, name) for name in ("receiver", "sheets", "reason")},
        **_words(),
    }


def _done(request: Request, made: IssuedCopy, act: Any) -> dict[str, Any] | Response:
    """Do it and show the paper again; what cannot be used is said beside its field."""
    try:
        act()
    except InvalidError as error:
        request.tm.doom()
        request.response.status_int = 422
        return _page(request, made, {error.field: request.translate(error.message, **error.facts)})
    return _back(request)


def _paper(request: Request) -> IssuedCopy:
    """The paper, for whoever knows of the records it was made from. Raises NotFoundError."""
    made = _queries(request).paper(request.matchdict["copy_id"])
    borrowing = BorrowingService(request.db, request.clock, request.actor, request.parts.settings.zone)
    for item in made.items:
        borrowing.known_item(request.identity, item.id)
    return made


def _expect_reading(request: Request, made: IssuedCopy) -> None:
    if not _queries(request).reads(request.identity, made):
        raise ForbiddenError(_("请先打开原件：内容只为写明的业务工作打开，两小时内有效。"))


def _open(request: Request, made: IssuedCopy) -> None:
    if _queries(request).reads(request.identity, made):
        return
    borrowing = request.find_service(BorrowingService)
    for item in made.items:
        borrowing.open_for_task(request.identity, item.id, request.translate(_TASK))


def _made(request: Request) -> Response:
    """Commit what was said before the long work: it is done outside of the transaction, and can be done again."""
    copy_id, actor, address = request.matchdict["copy_id"], request.actor, _address(request)
    request.tm.commit()
    request.tm.begin()
    make_paper(request.parts, request.scans, actor, copy_id, address)
    return _back(request)


def _sent_sentences(request: Request) -> list[tuple[str, str]]:
    texts = [str(text) for text in request.POST.getall("text")]
    pages = [str(page) for page in request.POST.getall("page")]
    return [(text, page) for text, page in zip(texts, pages, strict=False) if text.strip() or page.strip()]


def _sentences(sent: list[tuple[str, str]], item_id: str) -> list[Sentence]:
    return [
        Sentence(text, item_id, int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0)
        for text, page in sent
    ]


def _padded(sentences: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """With empty places for more."""
    return [*sentences, *([("", "")] * max(2, _LINES - len(sentences)))]


def _pdf(content: bytes, name: str) -> Response:
    disposition = f'inline; filename="{name}.pdf"'
    return Response(content, content_type="application/pdf", content_disposition=disposition, cache_control="no-store")


def _knows(request: Request) -> Any:
    return lambda made: _queries(request).knows(request.identity, made)


def _address(request: Request) -> str:
    return str(request.route_url("copies.verify"))


def _words() -> dict[str, Any]:
    return {"kind_words": KIND_WORDS, "states": STATES}


def _back(request: Request) -> Response:
    return HTTPSeeOther(request.route_path("copies.paper", copy_id=request.matchdict["copy_id"]))


def _sent(request: Request, name: str) -> str:
    return str(request.POST.get(name, ""))


def _queries(request: Request) -> CopyQueries:
    queries: CopyQueries = request.find_service(CopyQueries)
    return queries


def _service(request: Request) -> CopyService:
    service: CopyService = request.find_service(CopyService)
    return service
