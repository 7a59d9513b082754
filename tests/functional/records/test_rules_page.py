"""The page of what was learnt of issuers: archivists read it in words and withdraw what is wrong."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.catalogue.models import Fonds
from archive.digitization.learning.models import IssuerRule, Taught
from archive.platform.accounts.models import Unit
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive

Browser = Callable[..., TestApp]


@pytest.fixture
def taught(small: SmallArchive) -> None:
    """Rules of each kind, one of them contradicted."""
    with small.parts.database.writing() as session:
        fonds, unit = session.scalars(select(Fonds)).first(), session.scalars(select(Unit)).first()
        assert fonds
        assert unit
        values = (
            (Taught.ISSUER, "", "东江港务集团有限公司", 0),
            (Taught.UNIT, "", unit.id, 0),
            (Taught.RETENTION, "", "D10", 1),
            (Taught.CONTROL, "", "public", 0),
            (Taught.CARRIER, "", "electronic", 0),
            (Taught.NUMBER_CODE, "东巷办", "东港办", 0),
            (Taught.TITLE_PREFIX, "东江港务集团公司", "", 0),
        )
        for kind, read, value, contradicted in values:
            rule = IssuerRule(fonds_id=fonds.id, issuer="东江港务集团公司", taught=kind, read=read, value=value)
            rule.count, rule.contradicted = 1, contradicted
            rule.taught_by, rule.taught_at = small.people["archivist"], small.clock()
            session.add(rule)


@pytest.mark.usefixtures("taught")
def test_rules_are_read_and_withdrawn(small: SmallArchive, browser: Browser) -> None:
    """Each rule says in words what it proposes and who taught it; withdrawn, it is gone."""
    archivist = browser("archivist")
    page = archivist.get("/batches").click("识别规则")
    said = ("东江港务集团有限公司", "10年", "公开", "仅有电子文件", "东港办", "去掉", "使用中", "前后不一，暂不使用")
    for words in said:
        assert words in page
    page = form_to(page, "/withdraw").submit().follow()
    assert "共 6 条" in page
    for _ in range(6):
        page = form_to(page, "/withdraw").submit().follow()
    assert "还没有规则" in page


@pytest.mark.usefixtures("taught")
def test_others_do_not_manage_rules(browser: Browser) -> None:
    """Who is no archivist neither reads nor withdraws them."""
    for login in ("accountant", "sysadmin", "director"):
        assert browser(login).get("/issuer-rules", expect_errors=True).status_int == 403
