"""What is made from a page and its text: searchable PDF, ALTO, thumbnail. Same input, same bytes."""

from ingest.derivatives.alto import alto
from ingest.derivatives.searchable_pdf import PdfPage, searchable_pdf
from ingest.steps.thumbnail import thumbnail

__all__ = ["PdfPage", "alto", "searchable_pdf", "thumbnail"]
