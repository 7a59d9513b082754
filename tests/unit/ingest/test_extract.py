"""Pages that are taken out of a file: whoever may read them must not find anything of its other pages with them."""

import io
from pathlib import Path

import pikepdf
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
