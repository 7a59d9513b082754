"""Tables for spreadsheet programs, as CSV and as xlsx. What a cell holds is never taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

__all__ = ["Cell", "as_csv", "as_xlsx"]

Cell = str | int | float | None

#: a cell that begins so is computed by spreadsheet programs; an apostrophe before it makes them show it
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as CSV in UTF-8, with the mark by which spreadsheet programs know it."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Sequence[Cell]], title: str) -> bytes:
    """The rows as one sheet called `title`, the first as its head: text stays text, numbers can be computed with."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, head = book.add_worksheet(title), book.add_format({"bold": True, "bottom": 1})
        widths: dict[int, int] = {}
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                style = None if line else head
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell, style)
                elif cell is not None:
                    sheet.write_number(line, column, cell, style)
                widths[column] = max(widths.get(column, 8), 2 * len(str(cell or "")) + 2)
        for column, width in widths.items():
            sheet.set_column(column, column, min(width, 60))
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
