"""The left column, by work and not by table: a person sees only what he may do."""

from dataclasses import dataclass

from pyramid.request import Request

from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _

__all__ = ["Entry", "entries"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the column: label (a message id), address, and whether the present page belongs to it."""

    label: str
    path: str
    current: bool


#: label, address, who sees it, and the beginnings of the addresses that belong to it
_WORK = (
    (_("今日"), "/", Permission.SIGNED_IN, ()),
    (_("检索"), "/search", Permission.SEARCH, ("/search", "/items")),
    (_("数字化"), "/batches", Permission.DIGITIZE, ("/batches", "/drafts", "/digitization")),
    (_("盒与架位"), "/boxes", Permission.SHELVE, ("/boxes",)),
    (_("借阅"), "/requests", Permission.REQUEST, ("/requests", "/standing", "/leaders", "/tasks")),
    (_("服务台"), "/desk", Permission.DESK, ("/desk",)),
    (_("阅览室"), "/reading-room", Permission.REQUEST, ("/reading-room",)),
    (_("待办审批"), "/inbox", Permission.REQUEST, ("/inbox",)),
    (_("在阅清单"), "/grants", Permission.APPROVE, ("/grants",)),
    (_("复制与证明"), "/copies", Permission.DESK, ("/copies",)),
    (_("利用登记"), "/ledger", Permission.LEDGER, ("/ledger",)),
    (_("保存状态"), "/preservation", Permission.PRESERVE, ("/preservation",)),
    (_("保密事件"), "/secrecy", Permission.SECRECY, ("/secrecy",)),
    (_("管理"), "/people", Permission.ADMINISTER_ACCOUNTS, ("/people", "/units", "/posts")),
    (_("管理"), "/rights", Permission.ADMINISTER_RIGHTS, ("/rights",)),
    (_("阅览座位"), "/seats", Permission.ADMINISTER_RIGHTS, ("/seats",)),
    (_("审批流程"), "/chains", Permission.ADMINISTER_RIGHTS, ("/chains",)),
    (_("审计登记"), "/audit", Permission.AUDIT, ("/audit",)),
)


def entries(request: Request) -> list[Entry]:
    """The lines for this person; none before sign-in."""
    if request.identity is None:
        return []
    return [
        Entry(label, request.script_name + path, _belongs(request.path_info, path, beginnings))
        for label, path, permission, beginnings in _WORK
        if request.has_permission(permission)
    ]


def _belongs(here: str, path: str, beginnings: tuple[str, ...]) -> bool:
    return here == path or any(here == start or here.startswith(start + "/") for start in beginnings)
