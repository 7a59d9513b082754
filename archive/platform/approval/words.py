"""What the parts of the table of chains are called: message ids."""

from archive.platform.approval.chains import Asked, Circle, Control, Place
from archive.platform.i18n import _

__all__ = ["ASKED", "CIRCLES", "CONTROLS", "PLACES", "PURPOSES"]

ASKED: dict[Asked, str] = {
    Asked.VIEW: _("在线阅览"),
    Asked.PAPER: _("阅览原件"),
    Asked.COPY: _("复制"),
    Asked.CERTIFICATE: _("出具证明"),
    Asked.DOWNLOAD: _("下载"),
}

CONTROLS: dict[Control, str] = {
    Control.PUBLIC: _("公开"),
    Control.INTERNAL: _("内部"),
    Control.RESTRICTED: _("工作秘密、商业秘密"),
    Control.SECRET: _("秘密"),
    Control.CONFIDENTIAL: _("机密"),
    Control.TOP_SECRET: _("绝密"),
}

CIRCLES: dict[Circle, str] = {Circle.OWN: _("本部门"), Circle.OTHER: _("其他部门")}

PLACES: dict[Place, str] = {
    Place.ANYWHERE: _("不限部门"),
    Place.OWNING: _("档案所属部门"),
    Place.APPLICANT: _("申请人部门"),
}

#: purposes as registers of use count them; a row of the table is found by these words, untranslated
PURPOSES = (_("工作查考"), _("编史修志"), _("学术研究"), _("经济建设"), _("宣传教育"), _("其他"))
