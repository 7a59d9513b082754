"""The words for what a catalogue line holds, as message ids: states, circles of knowledge, steps of life."""

from archive.catalogue.models import Control, Item, ItemState, TradeSecrecy
from archive.platform.i18n import _

__all__ = ["CONTROL", "STATE", "life_path", "protection", "restricted"]

CONTROL = {Control.PUBLIC: _("公开"), Control.INTERNAL: _("内部"), Control.WORK_SECRET: _("工作秘密")}
TRADE_SECRECY = {TradeSecrecy.ORDINARY: _("普通商密"), TradeSecrecy.CORE: _("核心商密")}
STATE = {
    ItemState.ACCEPTED: _("已验收"),
    ItemState.ARRANGED: _("已整理"),
    ItemState.NUMBERED: _("已编号"),
    ItemState.FILED: _("已归档"),
    ItemState.SHELVED: _("已入库"),
    ItemState.DESTROYED: _("已销毁"),
}
_LIFE = (
    (ItemState.ACCEPTED, _("验收")),
    (ItemState.ARRANGED, _("整理")),
    (ItemState.NUMBERED, _("编号")),
    (ItemState.FILED, _("归档")),
    (ItemState.SHELVED, _("入库")),
)


def protection(item: Item) -> str:
    """The word for who may know of it: trade secrecy where there is one, else the circle of knowledge."""
    return TRADE_SECRECY.get(item.trade_secrecy) or CONTROL[item.control]


def restricted(item: Item) -> bool:
    """Whether even knowing of it is limited, so that its word deserves attention."""
    return item.trade_secrecy is not TradeSecrecy.NONE or item.control is Control.WORK_SECRET


def life_path(item: Item) -> list[tuple[str, str]]:
    """The steps of its life, each with done, current or waiting. What has no paper never comes to a shelf."""
    life = [(state, label) for state, label in _LIFE if item.box_id or state is not ItemState.SHELVED]
    reached = [state for state, _label in _LIFE].index(item.state)
    return [(label, _step_state(number, reached)) for number, (_state, label) in enumerate(life)]


def _step_state(number: int, reached: int) -> str:
    if number <= reached:
        return "done"
    return "current" if number == reached + 1 else "waiting"
