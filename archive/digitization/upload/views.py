"""The form for more scans, which works without scripts, and the protocol by which a script sends them in pieces."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.digitization.intake import StagedFile, stage
from archive.digitization.models import Batch, BatchSource
from archive.digitization.service import IntakeService
from archive.digitization.upload.arriving import arrived, free_bytes, remove_arriving
from archive.digitization.upload.form import PIECE, chosen_splitting, open_batch
from archive.digitization.upload.receiving import MisplacedError, receive
from archive.digitization.upload.service import NO_ROOM, Announced, UploadService, clean_name
from archive.platform.accounts.permissions import Permission
from archive.platform.away import is_away, is_full
from archive.platform.db import new_id
from archive.platform.errors import ConflictError, DangguiError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _

_OFFSET = re.compile(r"[0-9]{1,15}")
_STATUS = {NotFoundError: 404, ForbiddenError: 403, ConflictError: 409}


@view_config(route_name="digitization.batches", request_method="POST", permission=Permission.DIGITIZE)
def upload(request: Request) -> Response:
    """Take the files of the form in as one batch, and go to its page."""
    person, form = request.identity, dict(request.POST.mixed())
    files = [file for file in request.POST.getall("files") if getattr(file, "filename", "")]
    if not files:
        raise InvalidError(_("请先选择扫描件，再上传。"), field="files")
    if (request.content_length or 0) > _room(request):
        raise InvalidError(NO_ROOM, field="files")
    chosen_splitting(form)  # refused before anything is taken in
    batch_id = new_id()
    _let_go(request)
    staged = [_staged(request, batch_id, file) for file in files]
    with request.parts.database.writing() as session:
        intake = IntakeService(session, request.clock, request.actor, request.parts.settings.zone)
        batch = open_batch(session, intake, BatchSource.UPLOAD, person, form, batch_id)
        for file in staged:
            intake.add_file(batch, file)
        intake.complete(batch)
    return HTTPSeeOther(request.route_path("digitization.batch", batch_id=batch_id))


def _room(request: Request) -> int:
    """Bytes that may still be sent, beside those that others announced."""
    settings = request.parts.settings
    return free_bytes(settings) - UploadService(request.db, request.clock).awaited(settings)


def _staged(request: Request, batch_id: str, file: Any) -> StagedFile:
    # Some browsers send the whole path.
    name = clean_name(file.filename).rpartition("/")[2]
    return stage(request.parts.store, batch_id, file.file, name)


def _let_go(request: Request) -> None:
    """Who asks was looked up under the right to write. It is given back while bytes come: that may take long."""
    request.tm.commit()
    request.tm.begin()


# --- the protocol ---


def _in_json(view: Callable[[Any, Request], Response]) -> Callable[[Any, Request], Response]:
    """Says to the script, in the person's words, what was refused and why."""

    def answer(context: Any, request: Request) -> Response:
        try:
            return view(context, request)
        except MisplacedError as error:
            return _said(request, 409, size=error.size)
        except DangguiError as error:
            status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
            return _said(request, status, message=request.translate(error.message, **error.facts))
        except Exception as error:
            if is_full(error):
                full = _("服务器磁盘空间不足。请告知系统管理员，然后继续。")
                return _said(request, 507, message=request.translate(full))
            if is_away(error):
                return _said(request, 503)
            raise

    return answer


def _said(request: Request, status: int, **facts: Any) -> Response:
    request.tm.doom()
    response = Response(json_body=facts)
    response.status_int = status
    return response


@view_config(route_name="digitization.uploads", request_method="GET", permission=Permission.DIGITIZE, renderer="json")
def begun(request: Request) -> list[dict[str, Any]]:
    """What this person began to send and did not end: a file that is chosen again is known by name, size and time."""
    return [
        {
            "batch": batch.id,
            "number": batch.number,
            "files": [{"name": one.name, "size": one.size, "modified": one.modified} for one in uploads],
        }
        for batch, uploads in UploadService(request.db, request.clock).unfinished(request.identity)
    ]


@view_config(
    route_name="digitization.uploads", request_method="POST", permission=Permission.DIGITIZE, decorator=_in_json
)
def begin(request: Request) -> Response:
    """Open a batch for the files that are named; answers with it and with an upload for each."""
    asked = _asked(request)
    files = _announced(asked)
    intake = request.find_service(IntakeService)
    batch = open_batch(request.db, intake, BatchSource.UPLOAD, request.identity, asked, new_id())
    return _announce(request, batch, files)


@view_config(route_name="digitization.upload_files", permission=Permission.DIGITIZE, decorator=_in_json)
def go_on(request: Request) -> Response:
    """More files for a batch that was begun, or the same ones again; answers how much of each is here."""
    batch = UploadService(request.db, request.clock).batch(request.matchdict["batch_id"], request.identity)
    return _announce(request, batch, _announced(_asked(request)))


@view_config(route_name="digitization.upload", permission=Permission.DIGITIZE, decorator=_in_json)
def piece(request: Request) -> Response:
    """Add the body to an upload, from the byte that the header `Upload-Offset` names; answers how much is here."""
    uploads = UploadService(request.db, request.clock)
    batch = uploads.batch(request.matchdict["batch_id"], request.identity)
    upload = uploads.upload(batch, request.matchdict["upload_id"])
    offset, length = request.headers.get("Upload-Offset", ""), request.content_length or 0
    if not _OFFSET.fullmatch(offset) or length > PIECE or int(offset) + length > upload.size:
        raise InvalidError(_("提交的内容有误。"))
    request.db.expunge(upload)
    actor = request.actor
    _let_go(request)
    return Response(json_body={"size": receive(request.parts, actor, upload, int(offset), request.body_file)})


@view_config(route_name="digitization.upload_finish", permission=Permission.DIGITIZE)
def finish(request: Request) -> Response:
    """Nothing more comes: go to the batch's page, which names what did not come."""
    uploads = UploadService(request.db, request.clock)
    batch = uploads.batch(request.matchdict["batch_id"], request.identity)
    uploads.finish(batch, request.find_service(IntakeService))
    remove_arriving(request.parts.settings, batch.id)
    return HTTPSeeOther(request.route_path("digitization.batch", batch_id=batch.id))


def _announce(request: Request, batch: Batch, files: list[Announced]) -> Response:
    uploads = UploadService(request.db, request.clock).announce(batch, files, _room(request))
    return Response(
        json_body={
            "batch": batch.id,
            "number": batch.number,
            "files": [
                {
                    "id": one.id,
                    "size": one.size if one.whole else arrived(request.parts.settings, batch.id, one.id),
                    "whole": one.whole,
                }
                for one in uploads
            ],
        }
    )


def _asked(request: Request) -> dict[str, Any]:
    try:
        asked = json.loads(request.body_file.read())
    except ValueError as error:
        raise InvalidError(_("提交的内容有误。")) from error
    if not isinstance(asked, dict):
        raise InvalidError(_("提交的内容有误。"))
    return asked


def _announced(asked: Mapping[str, Any]) -> list[Announced]:
    try:
        return [
            Announced(clean_name(str(file["name"])), int(file["size"]), int(file["modified"]))
            for file in asked["files"]
        ]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidError(_("提交的内容有误。")) from error
