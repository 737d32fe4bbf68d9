"""Workbooks for the tests, and the values that openpyxl reads from them.

Run by hand from this folder: python3 xlsx.py (openpyxl 3.1.5). Writes ../../it/fixtures/xlsx/*.xlsx and
../expected/xlsx.toml. Results of formulas, which openpyxl does not compute, are written into the sheets' XML.
"""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

HERE = Path(__file__).parent
FOLDER = HERE / "../../it/fixtures/xlsx"
D, T, M = dt.date, dt.time, dt.datetime

HEADER = ["id", "arm", "age", "weight ", "rate", "randomised", "visit", "clock", "elapsed", "smoker", "mixed", "empty",
          "note\nof visit", 2020, "stored"]
ROWS = [
    ["001", "CCT", 44, 71.5, 0.125, D(1900, 1, 1), M(2023, 6, 23, 12, 30), T(0, 0), 1.5, True, 1, None, "ä\nß", 1, "7"],
    ["002", "WL", 51, 80.25, 0.5, D(1900, 2, 28), M(2023, 6, 23), T(8, 5, 7), 0.25, False, "2 or 3", None, " x ", 2, 8],
    ["003", "CCT", None, 64, 1, D(1900, 3, 1), None, T(23, 59, 59, 500000), 2, None, None, None, None, 3, "9"],
    ["004", "WL", 38, 1e-3, 0, D(2024, 2, 29), M(2024, 12, 31, 23, 59, 59), None, None, True, 4.5, None, "#N/A", 4, 10],
]
FORMATS = {"rate": "0.0%", "elapsed": "[h]:mm:ss", "clock": "h:mm:ss", "visit": "yyyy-mm-dd hh:mm:ss",
           "randomised": "dd/mm/yyyy"}


def fill(sheet):
    sheet.append(HEADER)
    for row in ROWS:
        sheet.append(row)
    for i, name in enumerate(HEADER, start=1):
        if name in FORMATS:
            for (cell,) in sheet.iter_rows(min_row=2, min_col=i, max_col=i):
                cell.number_format = FORMATS[name]


def text(value):
    """A value as the tests write it."""
    if value in (None, "#N/A"):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(int(value)) if value == int(value) else repr(value)
    if isinstance(value, dt.timedelta):
        return text(value / dt.timedelta(days=1))
    if isinstance(value, M):
        return value.isoformat()
    if isinstance(value, T):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return str(value)


def columns(path, sheet, out):
    """What openpyxl reads of a sheet."""
    read = openpyxl.load_workbook(path, data_only=True)[sheet]
    out.append(f"\n[{path.stem}]")
    for column in read.iter_cols(min_row=1):
        name, *values = [c.value for c in column]
        if all(v is None or isinstance(v, M) and v.time() == T() for v in values) and any(values):
            values = [v and v.date() for v in values]
        name = " ".join(str(name).split())
        out.append(f'"{name}" = [' + ", ".join('"' + text(v).replace("\n", "\\n") + '"' for v in values) + "]")


def save(book, name, results=()):
    """Saves a workbook, with the results of formulas, always with the same bytes."""
    buffer = io.BytesIO()
    book.properties.created = book.properties.modified = M(2026, 1, 1)
    book.save(buffer)
    results = dict(results)
    path = FOLDER / name
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-01T00:00:00Z", data)
            for cell, (kind, value) in results.items():
                was = rf'<c r="{cell}"([^>]*)><f>([^<]*)</f><v ?/?>(</v>)?</c>'.encode()
                data = re.sub(was, rf'<c r="{cell}"\1 t="{kind}"><f>\2</f><v>{value}</v></c>'.encode(), data)
            new.writestr(zipfile.ZipInfo(info.filename, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return path


def trial(name, epoch=None):
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    book.active.title = "Data"
    fill(book.active)
    if epoch:
        # The system of 1904 has no days before; its first day openpyxl takes for a time.
        for row, day in enumerate([D(1904, 1, 2), D(1904, 2, 29), D(1950, 3, 1), D(2024, 2, 29)], start=2):
            book.active.cell(row, 6).value = day
            book.active.cell(row, 6).number_format = "dd/mm/yyyy"
    book.create_sheet("Empty")
    return save(book, name)


def several():
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active["A1"] = "Trial data, not to be shared"
    fill(book.create_sheet("Visits & more"))
    lists = book.create_sheet("Lists")
    lists["A1"] = "yes"
    lists.sheet_state = "hidden"
    return save(book, "several.xlsx")


def wrong():
    """One sheet for each thing that can be wrong."""
    book = openpyxl.Workbook()
    book.remove(book.active)

    def sheet(name, *rows):
        made = book.create_sheet(name)
        for row in rows:
            made.append(row)
        return made

    sheet("title", ["Our data"], [], ["a", "b"], [1, 2])
    sheet("no name", ["a", None, "c"], [1, None, 3], [1, 2, 3])
    sheet("twice", ["a", "b", " a"], [1, 2, 3])
    sheet("gap", ["a", "b"], [1, 2], [], [], [3, 4], [], ["Source: me"])
    sheet("merged", ["a", "b"], [1, 2], [3, None]).merge_cells("A3:B3")
    sheet("merged beside", ["a", None, None, "x"], [1, None, None, 5], [2, None, None, 6]).merge_cells("F1:G2")
    sheet("only header", ["a", "b"])
    sheet("errors", ["a", "b", "c"], [1, "#DIV/0!", 2], [2, "#REF!", "#N/A"], [3, 4, 5])
    sheet("not available", ["a", "b"], [1, "#N/A"], [2, 4])
    bad = sheet("leap", ["when"], [60], [61])
    for row in (2, 3):
        bad.cell(row, 1).number_format = "yyyy-mm-dd"
    sheet("uncomputed", ["a", "b"], [1, "=A2+1"], [2, "=A3+1"])
    sheet("computed", ["a", "sum", "said", "odd"], [1, 0, 0, "=1/0"], [2, 0, 0, 7])
    computed = book["computed"]
    computed["B2"], computed["B3"] = "=A2+10", "=A3+10"
    computed["C2"], computed["C3"] = '="x"&A2', '="x"&A3'
    computed["D2"] = 5
    far = sheet("far", ["a"], [1])
    far["XFD1048576"] = 1
    far["XFD1"] = "z"
    for i in range(2, 60):
        far.cell(1, i).value = f"c{i}"
    results = {"B2": ("n", "11"), "B3": ("n", "12"), "C2": ("str", "x1"), "C3": ("str", "x2")}
    # Only in the sheet that is meant: the other has no formulas there.
    path = save(book, "wrong.xlsx")
    index = book.sheetnames.index("computed") + 1
    with zipfile.ZipFile(path) as old:
        parts = [(i, old.read(i)) for i in old.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info, data in parts:
            if info.filename == f"xl/worksheets/sheet{index}.xml":
                for cell, (kind, value) in results.items():
                    was = rf'<c r="{cell}"([^>]*)><f>([^<]*)</f><v ?/?>(</v>)?</c>'.encode()
                    data, n = re.subn(was, rf'<c r="{cell}" t="{kind}"><f>\2</f><v>{value}</v></c>'.encode(), data)
                    assert n == 1, cell
            new.writestr(zipfile.ZipInfo(info.filename, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


FOLDER.mkdir(exist_ok=True)
out = ["# Written by generate/xlsx.py.", "", "[source]", f'package = "openpyxl"', f'version = "{openpyxl.__version__}"',
       'call = "load_workbook(data_only = True)"', "", "[tolerance]", "absolute = 0"]
columns(trial("trial.xlsx"), "Data", out)
columns(trial("mac.xlsx", CALENDAR_MAC_1904), "Data", out)
several()
wrong()
(HERE / "../expected/xlsx.toml").write_text("\n".join(out) + "\n")
