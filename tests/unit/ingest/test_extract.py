"""Pages that are taken out of a file: whoever may read them must not find anything of its other pages with them."""

import io
from contextlib import closing
from pathlib import Path

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Stream

from ingest.sources.extract import extract


def _tied_together() -> pikepdf.Pdf:
    """Three pages that share a list of pictures and a form; the first leads to the last, and bears hidden data."""
    pdf = pikepdf.new()
    pictures = {f"/Im{n}": pdf.make_stream(b"picture %d" % n, Type=Name.XObject, Subtype=Name.Image) for n in range(3)}
    shared = pdf.make_indirect(Dictionary(XObject=Dictionary(pictures)))
    form = pdf.make_indirect(Dictionary(FT=Name.Tx, T="name", V="value of all", Kids=Array()))
    for n in range(3):
        drawn = pdf.make_stream(b"q /Im%d Do Q" % n)
        page = Dictionary(Type=Name.Page, MediaBox=[0, 0, 9, 9], Resources=shared, Contents=drawn)
        look = pdf.make_stream(b"(entry %d) Tj" % n, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        entry = Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=[0, 0, 9, 9], Parent=form, AP=Dictionary(N=look))
        page.Annots = Array([pdf.make_indirect(entry)])
        form.Kids.append(page.Annots[0])
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    first = pdf.pages[0].obj
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], Dest=Array([pdf.pages[2].obj, Name.Fit]))
    link.A = Dictionary(S=Name.JavaScript, JS="other words")
    first.Annots.append(pdf.make_indirect(link))
    first.PieceInfo = Dictionary(Program=Dictionary(Private=pdf.make_stream(b"whole document")))
    pdf.Root.AcroForm = Dictionary(Fields=[form])
    return pdf


def test_a_page_of_a_pdf_brings_nothing_of_the_others(tmp_path: Path) -> None:
    """Neither pictures of a shared list, nor fields of a form, nor data of programs; what it shows stays."""
    path, out = tmp_path / "whole.pdf", io.BytesIO()
    _tied_together().save(path)
    extract(path, [1], out)
    with pikepdf.open(out) as part:
        streams = {one.read_bytes() for one in part.objects if isinstance(one, Stream)}
        assert streams == {b"q /Im0 Do Q", b"picture 0", b"(entry 0) Tj"}
        assert not any(b"other words" in one.unparse(resolved=True) for one in part.objects)
        assert len(part.pages[0].obj.Annots) == 2


def test_a_hidden_layer_stays_hidden(tmp_path: Path) -> None:
    """What is not shown of a page, such as notes on a layer that is switched off, is not shown of its part either."""
    with pikepdf.new() as pdf:
        hidden, shown = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=name)) for name in ("notes", "words"))
        drawn = b"/OC /Hidden BDC 0 0 50 50 re f EMC /OC /Shown BDC 50 50 50 50 re f EMC"
        layers = Dictionary(Hidden=hidden, Shown=shown)
        for _ in range(2):
            page = pdf.add_blank_page(page_size=(100, 100))
            page.obj.Contents, page.obj.Resources = Stream(pdf, drawn), Dictionary(Properties=layers)
        pdf.Root.OCProperties = Dictionary(OCGs=Array([hidden, shown]), D=Dictionary(OFF=Array([hidden])))
        pdf.save(tmp_path / "whole.pdf")
    with (tmp_path / "part.pdf").open("wb") as out:
        extract(tmp_path / "whole.pdf", [2], out)
    with closing(pypdfium2.PdfDocument(tmp_path / "part.pdf")) as part:
        picture = part[0].render().to_pil().convert("L")
    assert (picture.getpixel((25, 75)), picture.getpixel((75, 25))) == (255, 0)
