"""The buttons beside a batch: pause, go on, sooner, later, give up."""

from collections.abc import Callable

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.digitization.control import BatchControl, Priority
from archive.digitization.models import Batch
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

#: what a button sends -> what it does
_ACTS: dict[str, Callable[[BatchControl, Batch], None]] = {
    "pause": BatchControl.pause,
    "resume": BatchControl.resume,
    "first": lambda control, batch: control.prioritise(batch, Priority.FIRST),
    "normal": lambda control, batch: control.prioritise(batch, Priority.NORMAL),
    "last": lambda control, batch: control.prioritise(batch, Priority.LAST),
    "cancel": BatchControl.cancel,
}


@view_config(route_name="digitization.control", permission=Permission.DIGITIZE)
def control(request: Request) -> Response:
    """Do what the pressed button says, and show the batch again."""
    service = request.find_service(BatchControl)
    batch = service.batch(request.matchdict["batch_id"], request.identity)
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise InvalidError(_("请用批次页面上的按钮操作。"), field="act")
    act(service, batch)
    return HTTPSeeOther(request.route_path("digitization.batch", batch_id=batch.id))
