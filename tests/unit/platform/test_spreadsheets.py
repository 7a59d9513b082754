"""Tables for spreadsheet programs: text stays text."""

import csv
import io
import zipfile

import pytest

from archive.platform.spreadsheets import Cell, as_csv, as_xlsx

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    """Whatever a cell begins with: CSV puts an apostrophe before it, xlsx keeps it as a string."""
    rows = list(csv.reader(io.StringIO(as_csv([["name"], [text]]).decode("utf-8-sig"), newline="")))
    assert rows == [["name"], [f"'{text}"]]
    with zipfile.ZipFile(io.BytesIO(as_xlsx([["name"], [text]], "表"))) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_numbers_can_be_computed_with() -> None:
    """Numbers are numbers, also negative ones; nothing is an empty cell; Chinese text comes back."""
    table: list[list[Cell]] = [["扫描人", "页数"], ["沈鉴", -3], [None, 4.5]]
    assert as_csv(table).startswith("\ufeff扫描人,页数\r\n沈鉴,-3\r\n,4.5".encode())
    with zipfile.ZipFile(io.BytesIO(as_xlsx(table, "统计"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<v>-3</v>" in sheet
        assert "<v>4.5</v>" in sheet
        assert "沈鉴" in book.read("xl/sharedStrings.xml").decode()
