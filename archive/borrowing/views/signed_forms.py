"""Pages for paper forms that were signed already: what is on them, then who signed, with the scan."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from archive.borrowing.basket import Basket
from archive.borrowing.book import known_item
from archive.borrowing.forms import Entered, text_in
from archive.borrowing.models import RequestLine
from archive.borrowing.queries import BorrowingQueries
from archive.borrowing.rules import Wanted, Wish
from archive.borrowing.signed_forms import Needed, Scan, Signature, SignedFormService, keep_scan
from archive.borrowing.views.asking import asking_page, said_of
from archive.platform.accounts.models import Person, Post, Unit
from archive.platform.accounts.permissions import Permission
from archive.platform.approval.workflow import StepSpec
from archive.platform.audit.wording import ROLES
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.local_time import typed_moment

__all__: list[str] = []

_TEMPLATE = "archive:borrowing/templates/signed_new.jinja2"
_REFUSALS = (InvalidError, ConflictError, ForbiddenError, NotFoundError)


@view_config(route_name="signed.new", request_method="GET", permission=Permission.DESK, renderer=_TEMPLATE)
def new_form(request: Request) -> dict[str, Any]:
    """Whose form it is and what is on it; the items come from the address or from the archivist's basket."""
    entered = Entered.proposed(request.clock(), request.parts.settings.zone)
    return _page(request, entered, _items(request, request.GET.getall("item")), {})


@view_config(route_name="signed.new", request_method="POST", permission=Permission.DESK, renderer=_TEMPLATE)
def enter(request: Request) -> dict[str, Any] | Response:
    """First the signatures that such a form needs are listed; with them and the scan it is entered."""
    entered = Entered.of(request.POST)
    removed = text_in(request.POST, "remove")
    if removed:
        return _page(request, entered, [item for item in entered.items if item != removed], {})
    needed: list[Needed] = []
    try:
        reader = _reader(request)
        wish, wanted = entered.wish(request.parts.settings.zone), entered.wanted()
        needed = _service(request).needed(reader, wanted, wish)
        if "signer-1" not in request.POST:
            return _page(request, entered, entered.items, {}, needed)
        signatures = _signatures(request, len(needed))
        scan = _kept(request)
        request_id = _entered(request, reader.id, wanted, wish, signatures, scan)
    except _REFUSALS as error:
        return _page(request, entered, entered.items, said_of(request, error), needed)
    Basket(request.db, request.clock, request.identity).remove(entered.items)
    return HTTPSeeOther(request.route_path("borrowing.request", request_id=request_id))


@view_config(route_name="signed.scan", permission=Permission.REQUEST)
def scan_of(request: Request) -> Response:
    """The scan of a form, to take away: for whoever sees the request that it approved."""
    form = _service(request).form(request.matchdict["form_id"])
    line = request.db.scalar(select(RequestLine).where(RequestLine.form_id == form.id).limit(1)) if form else None
    if form is None or line is None:
        raise NotFoundError(_("没有这份审批单。"))
    queries: BorrowingQueries = request.find_service(BorrowingQueries)
    made = queries.request(line.request_id, request.identity)
    suffix = form.media_type.rpartition("/")[2]
    name = f'attachment; filename="form-{made.number}.{suffix}"'
    body = request.parts.store.read(form.key)
    answer = Response(body, content_type=form.media_type, content_disposition=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _kept(request: Request) -> Scan:
    """The scan, put into the store while the right to write is given back: that may take long."""
    request.tm.commit()
    request.tm.begin()
    scan = request.POST.get("scan")
    return keep_scan(request.parts.store, getattr(scan, "file", None))


def _entered(
    request: Request, reader_id: str, wanted: list[Wanted], wish: Wish, signatures: list[Signature], scan: Scan
) -> str:
    """Enter the form in a transaction of its own; returns the id of the request."""
    with request.parts.database.writing() as session:
        service = SignedFormService(session, request.clock, request.actor, request.parts.settings.zone)
        archivist, reader = session.get_one(Person, request.identity.id), session.get_one(Person, reader_id)
        return service.enter(archivist, reader, wanted, wish, signatures, scan).id


def _reader(request: Request) -> Person:
    login = text_in(request.POST, "reader").strip()
    person: Person | None = request.db.scalar(select(Person).where(Person.login == login))
    if person is None or not person.active:
        raise InvalidError(_("请填写申请人的登录名，账户应在用。"), field="reader")
    return person


def _signatures(request: Request, count: int) -> list[Signature]:
    zone = request.parts.settings.zone
    return [
        Signature(
            text_in(request.POST, f"signer-{number}"),
            typed_moment(f"signed-{number}", text_in(request.POST, f"signed-{number}"), zone),
        )
        for number in range(1, count + 1)
    ]


def _items(request: Request, item_ids: list[str]) -> list[str]:
    return item_ids or [item.id for item in Basket(request.db, request.clock, request.identity).items()]


def _page(
    request: Request, entered: Entered, item_ids: list[str], errors: dict[str, str], needed: list[Needed] | None = None
) -> dict[str, Any]:
    items = [known_item(request.db, request.clock, request.identity, item_id) for item_id in item_ids]
    sent = request.POST if request.method == "POST" else {}
    return {
        **asking_page(request, None, items, entered, errors),
        "reader": text_in(sent, "reader"),
        "needed": [(_label(request, one.spec), [(p.id, p.name) for p in one.people]) for one in needed or []],
        "signed": {name: text_in(sent, name) for name in sent if name.startswith(("signer-", "signed-"))},
    }


def _label(request: Request, spec: StepSpec) -> str:
    """Who has to sign: a role, with its department, a post, or a name."""
    if spec.role is not None:
        unit = request.db.get(Unit, spec.unit_id) if spec.unit_id else None
        role = request.translate(ROLES[spec.role])
        return f"{unit.name} · {role}" if unit else role
    if spec.post_id is not None:
        post: Post = request.db.get_one(Post, spec.post_id)
        return post.name
    person: Person = request.db.get_one(Person, spec.person_id)
    return person.name


def _service(request: Request) -> SignedFormService:
    service: SignedFormService = request.find_service(SignedFormService)
    return service
