"""Copies, extracts and certificates are valid PDF/A-2b, judged by veraPDF."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from archive.borrowing.copies.codes import new_code
from archive.borrowing.copies.models import CopyKind, CopyPart, IssuedCopy
from archive.borrowing.copies.printing import paper_pdf
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from tests.servers.missing import missing
from tests.servers.process import ServerMissingError
from tests.servers.verapdf import broken_rules

pytestmark = pytest.mark.servers


def test_papers_are_pdf_a(tmp_path: Path) -> None:
    """Pictures upright and lying, grey and coloured, and texts with characters of both scripts break no rule."""
    pictures = [Image.new("L", (620, 877), 240), Image.new("RGB", (877, 620), "ivory")]
    made = {
        "copy.pdf": (CopyKind.COPY, [""] * 2, pictures),
        "extract.pdf": (CopyKind.EXTRACT, ["關於辦理情形的函 *and* #English", "一" * 2000], []),
    }
    for name, (kind, texts, shown) in made.items():
        pdf, _pages = paper_pdf(_paper(kind, texts), shown, organisation="江海", address="a", zone=ZoneInfo("UTC"))
        (tmp_path / name).write_bytes(pdf)
    try:
        assert not any(broken_rules([tmp_path / name for name in made]).values())
    except ServerMissingError as error:
        missing(str(error))


def _paper(kind: CopyKind, texts: list[str]) -> IssuedCopy:
    item, at = Item(id="1", code="Z109-WS·2021-Y-BGS-0001", accession="1"), datetime(2021, 3, 5, tzinfo=UTC)
    parts = [CopyPart(position=n, item_id="1", item=item, page=n, text=text) for n, text in enumerate(texts, start=1)]
    people = {"writer": Person(name="沈鉴"), "checker": Person(name="何守")}
    dates = {"written_at": at, "checked_at": at}
    return IssuedCopy(
        kind=kind, number="复〔2021〕0001号", code=new_code(), heading="摘录", parts=parts, **people, **dates
    )
