"""People from a spreadsheet: every row is checked before anybody is made, then all are made or none."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.platform.accounts.forms import Line, check_lines
from archive.platform.accounts.models import Person, Unit
from archive.platform.accounts.service import AccountService
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["COLUMNS", "MOST_BYTES", "MOST_ROWS", "ImportLine", "check_people", "import_people", "read_table"]

#: heading in the file -> field
COLUMNS = {"登录名": "login", "姓名": "name", "机构代码": "unit", "岗位": "post"}
_FIELDS = {"login": Line(64), "name": Line(100), "unit": Line(32), "post": Line(100, required=False)}
MOST_ROWS = 2_000
MOST_BYTES = 2 * 1024 * 1024
#: what Chinese spreadsheet programs write as CSV
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One row of the file: its number as the spreadsheet shows it, its fields, and what is wrong with it."""

    number: int
    fields: dict[str, str]
    wrong: tuple[InvalidError, ...] = ()


def read_table(data: bytes) -> list[ImportLine]:
    """The rows of an Excel workbook (its first sheet) or of CSV text, unchecked.

    Raises InvalidError, naming the field `file`: neither of the two, no such columns, too large, empty.
    """
    if len(data) > MOST_BYTES:
        raise InvalidError(_("文件超过 2 MB，请分成几份。"), field="file")
    rows = _workbook(data) if data.startswith(b"PK") else _text(data)
    if not rows:
        raise InvalidError(_("文件是空的。"), field="file")
    fields = [COLUMNS.get(heading.strip()) for heading in rows[0]]
    if not {"login", "name", "unit"} <= set(fields):
        raise InvalidError(
            _("第一行应是表头，至少有 {columns} 三列。"), field="file", columns="、".join(list(COLUMNS)[:3])
        )
    if len(rows) > MOST_ROWS + 1:
        raise InvalidError(_("一次最多导入 {most} 人，请分成几份。"), field="file", most=MOST_ROWS)
    lines = [ImportLine(number, _named(fields, row)) for number, row in enumerate(rows[1:], start=2) if any(row)]
    if not lines:
        raise InvalidError(_("表头下面没有人员。"), field="file")
    return lines


def check_people(session: Session, lines: Sequence[ImportLine]) -> list[ImportLine]:
    """The same rows with what is wrong: empty or long fields, logins that are taken or come twice, unknown units."""
    taken = set(session.scalars(select(func.lower(Person.login))))
    codes = set(session.scalars(select(Unit.code).where(Unit.closed_at.is_(None))))
    checked = []
    for line in lines:
        wrong, login = check_lines(line.fields, _FIELDS), line.fields["login"].lower()
        if login and login in taken:
            wrong.append(InvalidError(_("登录名 {login} 已被使用。"), field="login", login=line.fields["login"]))
        if line.fields["unit"] and line.fields["unit"] not in codes:
            wrong.append(InvalidError(_("没有代码为 {code} 的机构。"), field="unit", code=line.fields["unit"]))
        taken.add(login)
        checked.append(ImportLine(line.number, line.fields, tuple(wrong)))
    return checked


def import_people(session: Session, accounts: AccountService, lines: Sequence[ImportLine]) -> int:
    """Make an account, without a password, for each of these rows, which were checked; returns how many."""
    units = {unit.code: unit for unit in session.scalars(select(Unit))}
    for line in lines:
        unit = units[line.fields["unit"]]
        accounts.create_person(line.fields["login"], line.fields["name"], unit, post=line.fields["post"])
    return len(lines)


def _named(fields: Sequence[str | None], row: Sequence[str]) -> dict[str, str]:
    found = dict.fromkeys(_FIELDS, "")
    return found | {name: cell.replace("\0", "").strip() for name, cell in zip(fields, row, strict=False) if name}


def _workbook(data: bytes) -> list[list[str]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, max_col=20, values_only=True)
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, SyntaxError) as error:
        raise InvalidError(_("这不是 Excel 工作簿（.xlsx），也不是 CSV 文件。"), field="file") from error


def _text(data: bytes) -> list[list[str]]:
    for encoding in _ENCODINGS:
        try:
            return _rows(csv.reader(io.StringIO(data.decode(encoding), newline="")))
        except (UnicodeDecodeError, csv.Error):
            continue
    raise InvalidError(_("这不是 Excel 工作簿（.xlsx），也不是 CSV 文件。"), field="file")


def _rows(found: Iterable[list[str]]) -> list[list[str]]:
    return list(islice(found, MOST_ROWS + 2))
