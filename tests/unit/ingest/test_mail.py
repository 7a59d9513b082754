"""E-mail becomes pages: its head and words exactly, what is attached with its own pages; nothing is fetched or run."""

import hashlib
from email.message import EmailMessage
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ingest.context import PageText
from ingest.engines.null import NullEngine
from ingest.errors import UnreadableSourceError
from ingest.pipeline import BORN_DIGITAL, process_page
from ingest.sources import Source, open_source
from ingest.sources.extract import extract
from ingest.sources.html_text import html_text
from ingest.sources.mail import mail_proposals
from ingest.sources.mail_message import LARGEST, looks_like_mail
from tests.unit.ingest.mails import bare, mail, nested
from tests.unit.ingest.pdfs import typeset
from tests.unit.ingest.scans import jpeg, locked_pdf, page, png, tiff


def _opened(folder: Path, message: EmailMessage | bytes) -> Source:
    path = folder / "0001"
    path.write_bytes(message if isinstance(message, bytes) else message.as_bytes())
    return open_source(path, "a.eml")


def _text(source: Source, number: int = 1) -> str:
    return "\n".join(line.text for line in source.lines(number) or ())


def test_head_and_words(tmp_path: Path) -> None:
    """Sender, receivers, date, subject and words stand on the first page, in the sender's own time."""
    with _opened(tmp_path, mail("各位：\n\n请于本月底前报送。")) as source:
        assert _text(source).splitlines() == [
            "电子邮件",
            "发件人：沈鉴 <shenjian@jianghai.example>",
            "收件人：周敏 <zhoumin@jianghai.example>；办公室 <bgs@jianghai.example>",
            "日期：2021年3月5日 22:10",
            "主题：关于报送检查情况的函",
            "各位：",
            "请于本月底前报送。",
        ]


def test_each_character_lies_where_it_is_drawn(tmp_path: Path) -> None:
    """Between the edges of a character there is ink, and none beside the lines; the pipeline keeps the words."""
    with _opened(tmp_path, mail("档案 iW 目录。" * 30)) as source:
        image, _ = source.image(1)
        result = process_page(source, 1, NullEngine())
        lines = source.lines(1) or ()
    assert (result.text.engine, result.rotation, result.text.lines) == (BORN_DIGITAL, 0, lines)
    beside = np.ones(image.shape[:2], bool)
    for line in lines:
        (left, top), (right, _), (_, bottom), _ = line.quad
        beside[int(top) : int(bottom) + 2, int(left) - 2 : int(right) + 3] = False
        for n, char in enumerate(line.text):
            start, end = (round(left + (right - left) * edge) for edge in line.edges[n : n + 2])
            assert char in " 。" or (image[int(top) : int(bottom), start:end] < 128).any(), (line.text, n)
    assert image[beside].min() == 255


def test_what_is_attached_has_its_own_pages(tmp_path: Path) -> None:
    """Scans, PDF, TIFF and messages follow with their pages; what has none is named with its digest."""
    message = mail()
    message.add_attachment(typeset("附件正文"), maintype="application", subtype="pdf", filename="附件一.pdf")
    message.add_attachment(
        tiff([page(900, 1200), page(910, 1200)]), maintype="image", subtype="tiff", filename="扫描.tif"
    )
    message.add_attachment(jpeg(page(800, 1000)), maintype="image", subtype="jpeg", filename="照片.jpg")
    message.add_attachment(png(page(100, 40)), maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="资料.zip")
    message.add_attachment(locked_pdf(), maintype="application", subtype="pdf", filename="locked.pdf")
    message.add_attachment(mail("里面的话", Subject="里面的邮件"))
    with _opened(tmp_path, message) as source:
        assert source.page_count == 6
        first = _text(source)
        assert "1. 附件一.pdf" in first
        assert "见第 2 页" in first
        assert "见第 3–4 页" in first
        assert f"SHA-256：{hashlib.sha256(b'PK' + bytes((3, 4))).hexdigest()}" in first
        assert [word for word in ("图片较小", "不能显示", "设有密码") if word not in first] == []
        assert _text(source, 2) == "附件正文"
        assert [source.image(number)[0].shape[1] for number in (3, 4, 5)] == [900, 910, 800]
        assert source.jpeg(5) == jpeg(page(800, 1000))
        assert "里面的话" in _text(source, 6)
        with pytest.raises(IndexError):
            source.image(7)


def test_words_only_in_html(tmp_path: Path) -> None:
    """Without plain words those of the page are taken: no script, no style, no picture from elsewhere."""
    message = mail("", Subject="只有网页")
    message.set_content(
        "<html><head><title>x</title><style>p{}</style><script>alert(1)</script></head><body><p>第一段&nbsp;文字</p>"
        '<table><tr><td>甲</td><td>乙</td></tr></table><img src="http://elsewhere.example/a.png">末行</body></html>',
        subtype="html",
    )
    with _opened(tmp_path, message) as source:
        assert _text(source).splitlines()[-3:] == ["第一段 文字", "甲  乙", "末行"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<br>b</p><p>c</p>", "a\nb\nc"),
        ("<ul><li>一<li>二</ul>", "· 一\n· 二"),
        ("<head><p>lost<body>kept", "kept"),
        ("<script>1 < 2</script>x<!-- y -->", "x"),
        ("a\n   b", "a b"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<" * 2000, "<" * 2000),
    ],
)
def test_web_pages_as_words(html: str, text: str) -> None:
    """Blocks are lines, blanks are one, what is not for reading is silent, whatever is left open."""
    assert html_text(html) == text


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (bare("gb18030", "档案检查情况请于本月底前报送，谢谢。"), "档案检查情况请于本月底前报送，谢谢。"),
        (bare("big5"), "檔案檢查情況請於本月底前報送，謝謝。"),
        (bare("utf-8"), "檔案檢查情況請於本月底前報送，謝謝。"),
        (bare("gb18030", "档案检查情况请于本月底前报送，谢谢。", "us-ascii"), "档案检查情况请于本月底前报送，谢谢。"),
        (bare("gb18030", "朱镕基与囍字请于本月底前报送。", "gb2312"), "朱镕基与囍字请于本月底前报送。"),
        (bare("big5", charset="no-such-charset"), "檔案檢查情況請於本月底前報送，謝謝。"),
    ],
    ids=["gb18030", "big5", "utf-8", "as ascii", "as gb2312", "as nothing"],
)
def test_encodings_that_are_not_named(tmp_path: Path, message: bytes, said: str) -> None:
    """Head and words in the usual encodings of Chinese are read, named wrongly or not at all."""
    with _opened(tmp_path, message) as source:
        text = _text(source)
    assert said in text
    assert f"主题：{said[:8]}" in text
    assert f"发件人：{said[:4]}" in text


def test_names_cut_in_the_midst_of_a_character(tmp_path: Path) -> None:
    """Encoded words that part a character among them, as some programs send them, come together again."""
    data = (
        b"From: a@b.example\r\nSubject: =?gb2312?B?udjT2rWwsLjM?=\r\n =?gb2312?B?xdqyug==?=\r\n"
        b"Date: Fri, 05 Mar 2021 10:00:00 +0800\r\n\r\nx\r\n"
    )
    with _opened(tmp_path, data) as source:
        assert "主题：关于" in _text(source)


def test_proposes_fields(tmp_path: Path) -> None:
    """Title, date, sender and receivers are proposed from the head, also when they take several lines."""
    long = "关于进一步做好档案收集清单化管理工作和年度档案业务对标检查有关情况报送事项的补充通知" * 2
    with _opened(tmp_path, mail(Subject=f"回复：Re: {long}")) as source:
        lines = source.lines(1) or ()
    found = {one.field: (one.value, one.line) for one in mail_proposals(PageText(1240, 1754, lines, BORN_DIGITAL))}
    assert found == {
        "title": (long, 4),
        "date": ("20210305", 3),
        "issuer": ("沈鉴", 1),
        "addressee": ("周敏、办公室", 2),
    }
    assert mail_proposals(PageText(10, 10, lines[1:], BORN_DIGITAL)) == []


def test_nothing_in_the_head(tmp_path: Path) -> None:
    """A message without subject and date says so, and proposes neither."""
    with _opened(tmp_path, mail(Subject="", Date="yesterday")) as source:
        lines = source.lines(1) or ()
        assert "（无主题）" in _text(source)
    fields = {one.field for one in mail_proposals(PageText(1240, 1754, lines, BORN_DIGITAL))}
    assert fields == {"issuer", "addressee"}


def test_long_words_take_pages(tmp_path: Path) -> None:
    """Words take as many pages as they need, the same each time; without end they are cut, and it is said."""
    message = mail("一行一行的正文。\n" * 200).as_bytes()
    with _opened(tmp_path, message) as source:
        assert source.page_count > 4
        again = source.image(3)[0]
    with _opened(tmp_path, message) as source:
        assert np.array_equal(source.image(3)[0], again)
    with _opened(tmp_path, mail("长" * 210_000)) as source:
        assert "正文过长" in _text(source, source.page_count)


def test_levels_without_end(tmp_path: Path) -> None:
    """Parts within parts are refused beyond any honest depth; messages within messages are named, not opened."""
    with pytest.raises(UnreadableSourceError) as refused:
        _opened(tmp_path, nested(200))
    assert refused.value.reason == "damaged"
    message = mail("最里面")
    for _ in range(8):
        outer = mail("外面")
        outer.add_attachment(message)
        message = outer
    with _opened(tmp_path, message) as source:
        assert source.page_count == 6
        assert "层层嵌套" in _text(source, 6)


def test_too_much_of_everything(tmp_path: Path) -> None:
    """Huge headers and thousands of parts are shown as far as a person would read, and what is left out is counted."""
    message = mail(Subject="长" * 6_000)
    for number in range(600):
        message.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=f"{number}.bin")
    with _opened(tmp_path, message) as source:
        text = "".join(_text(source, number) for number in range(1, source.page_count + 1))
    assert "附件：600 个" in text
    assert "未列出" in text


def test_too_large(tmp_path: Path) -> None:
    """A message beyond what can be held in memory is refused before it is read."""
    path = tmp_path / "0001"
    with path.open("wb") as file:
        file.write(mail().as_bytes())
        file.truncate(LARGEST + 1)
    with pytest.raises(UnreadableSourceError) as refused:
        open_source(path, "a.eml")
    assert refused.value.reason == "mail_too_large"


@pytest.mark.parametrize(
    "head",
    [b"From me: nothing\nTo do: list\n", b"#include <a.h>\nFrom: x\nTo: y\n", b"", b"Subject: alone\n\n", b"%PDF-1.7"],
)
def test_what_is_no_message(head: bytes) -> None:
    """A text that only begins a little like one is none."""
    assert not looks_like_mail(head)


def test_a_mailbox_of_one(tmp_path: Path) -> None:
    """A message as mailbox files hold it, or with a byte order mark before it, is one."""
    assert looks_like_mail(b"From a@b Fri Mar  5 10:00:00 2021\n" + mail().as_bytes())
    with _opened(tmp_path, b"\xef\xbb\xbf" + mail().as_bytes()) as source:
        assert "关于报送检查情况的函" in _text(source)


def test_pages_of_a_message_by_themselves(tmp_path: Path) -> None:
    """Where an item has only some pages of a message, these are kept as they are shown."""
    message = mail()
    message.add_attachment(jpeg(page(800, 1000)), maintype="image", subtype="jpeg", filename="照片.jpg")
    with _opened(tmp_path, message) as source, (tmp_path / "part").open("w+b") as out:
        extract(tmp_path / "0001", [2], out)
        with Image.open(tmp_path / "part") as kept:
            assert np.array_equal(np.asarray(kept), source.image(2)[0])
