"""Judged pages: office documents made at random, scanned badly, and known in every character.

Their texts, layouts and names are others than those of `samples`, on which the recogniser was calibrated.
"""

from bench.pages.make import JudgedDocument, JudgedPage, make_document, make_documents, make_pages

__all__ = ["JudgedDocument", "JudgedPage", "make_document", "make_documents", "make_pages"]
