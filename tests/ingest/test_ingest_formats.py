"""Every file format gives the same rows; every broken file says what to do."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import stat
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from miner.errors import DataError, UsageError
from miner.ingest import ReadOptions, open_export, read

ROWS = [
    ("a1", "The van came two days late.", 2, "2026-03-01"),
    ("a2", "Lovely driver, rang the bell twice.", 5, "2026-03-02"),
    ("a3", "Nobody answered my message.", 1, "2026-03-03"),
]
HEADER = ("id", "comment", "rating", "date")


def delimited(mark: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\n").writerows([HEADER, *ROWS])
    return out.getvalue()


def objects() -> list[dict[str, object]]:
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


def write_xlsx(path: Path, sheets: dict[str, list[tuple[object, ...]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def check(frame: pd.DataFrame) -> None:
    assert list(frame["id"]) == ["a1", "a2", "a3"]
    assert list(frame["text"]) == [row[1] for row in ROWS]
    assert list(frame["stars"]) == [2.0, 5.0, 1.0]
    assert list(frame["date"]) == [datetime(2026, 3, day) for day in (1, 2, 3)]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_separators_are_found_out(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(delimited(mark))
    frame, ledger = read([path])
    check(frame)
    assert ledger.received == 3
    assert open_export([path]).sources[0].delimiter == mark


def test_a_comma_file_is_read_although_its_texts_hold_commas(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    rows = "".join(f'{row[0]},"{row[1]}",{row[2]},{row[3]}\n' for row in ROWS)
    path.write_text(",".join(HEADER) + "\n" + rows)
    check(read([path])[0])


def test_a_sep_line_names_the_separator_and_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("sep=;\n" + delimited(";"))
    frame, _ = read([path])
    check(frame)
    assert list(frame["row"]) == [2, 3, 4]


def test_one_column_of_text_needs_no_separator(tmp_path: Path) -> None:
    path = tmp_path / "comments.txt"
    path.write_text("comment\nSlow, rude, and closed early.\nGood coffee, good cake!\n")
    frame, ledger = read([path])
    assert list(frame["text"]) == ["Slow, rude, and closed early.", "Good coffee, good cake!"]
    assert ledger.rejected == 0


def test_packed_text_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv.gz"
    path.write_bytes(gzip.compress(delimited().encode()))
    check(read([path])[0])


def test_workbook_first_sheet_with_a_table(tmp_path: Path) -> None:
    path = tmp_path / "reviews.xlsx"
    rows = [(*row[:3], datetime.fromisoformat(row[3])) for row in ROWS]
    write_xlsx(path, {"Cover": [("Export of March",)], "Data": [HEADER, *rows]})
    export = open_export([path])
    check(read([path])[0])
    assert export.sources[0].sheet == "Data"
    assert any('not read: "Cover"' in note for note in export.notes)


@pytest.mark.parametrize("sheet", ["Data", 2, "2"])
def test_workbook_sheet_by_name_or_number(tmp_path: Path, sheet: str | int) -> None:
    path = tmp_path / "reviews.xlsx"
    other = [("comment", "rating"), ("Not this sheet at all.", 3), ("Nor this second row.", 4)]
    write_xlsx(path, {"Other": other, "Data": [HEADER, *ROWS]})
    check(read([path], ReadOptions(sheet=sheet))[0])


def test_workbook_unknown_sheet(tmp_path: Path) -> None:
    path = tmp_path / "reviews.xlsx"
    write_xlsx(path, {"Data": [HEADER, *ROWS]})
    with pytest.raises(UsageError, match=r'no sheet "Dta"\. Its sheets: 1 "Data"'):
        read([path], ReadOptions(sheet="Dta"))


def test_workbook_rows_above_the_header_and_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "reviews.xlsx"
    rows = [("Reviews of March",), (), HEADER, ROWS[0], (), *ROWS[1:]]
    write_xlsx(path, {"Data": rows})
    export = open_export([path])
    frame = pd.concat([chunk.feedback for chunk in export.chunks()])
    check(frame)
    assert list(frame["row"]) == [4, 6, 7]
    assert any("1 rows above the header" in note for note in export.notes)


def test_a_workbook_called_csv_is_read_as_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "reviews.xlsx"
    write_xlsx(path, {"Data": [HEADER, *ROWS]})
    renamed = path.rename(tmp_path / "reviews.csv")
    export = open_export([renamed])
    assert export.sources[0].format == "xlsx"
    assert any("read as xlsx" in note for note in export.notes)


def test_a_table_that_starts_in_the_middle_of_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "reviews.xlsx"
    shifted = [("", "", *row) for row in (HEADER, *ROWS)]
    write_xlsx(path, {"Data": [(), (), *shifted]})
    frame, _ = read([path])
    check(frame)
    assert list(frame["row"]) == [4, 5, 6]


ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    + " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    + '><office:body><office:spreadsheet><table:table table:name="Blatt1">'
)
ODS_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"


def test_open_document_sheet(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{''.join(cell.format(value) for value in row)}</table:table-row>"
        for row in (HEADER, *ROWS)
    )
    path = tmp_path / "reviews.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS_HEAD + rows + ODS_TAIL)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    check(read([path])[0])
    assert open_export([path]).sources[0].format == "ods"


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_old_excel_workbook(tmp_path: Path) -> None:
    source = tmp_path / "reviews.csv"
    source.write_text(delimited())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xls",
        "--outdir",
        tmp_path,
        source,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    path = tmp_path / "reviews.xls"
    check(read([path])[0])
    assert open_export([path]).sources[0].format == "xls"


@pytest.mark.parametrize("cut", [60, 2000])
def test_broken_workbook(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "reviews.xlsx"
    write_xlsx(path, {"Data": [HEADER, *ROWS]})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match="can't be opened") as caught:
        read([path])
    assert caught.value.slug == "ingest.broken-workbook"


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "reviews.parquet"
    pd.DataFrame(objects()).to_parquet(path)
    frame, _ = read([path])
    check(frame)
    assert list(frame["row"]) == [1, 2, 3]


def test_broken_parquet(tmp_path: Path) -> None:
    path = tmp_path / "reviews.parquet"
    path.write_bytes(b"PAR1 and then nothing of the kind")
    with pytest.raises(DataError, match=r"reviews\.parquet can't be opened"):
        read([path])


@pytest.mark.parametrize(
    "wrap",
    [lambda rows: rows, lambda rows: {"data": rows}, lambda rows: {"page": 1, "reviews": rows}],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_list_bare_or_inside_an_object(tmp_path: Path, wrap: object, indent: int) -> None:
    path = tmp_path / "reviews.json"
    path.write_text(json.dumps(wrap(objects()), indent=indent))  # type: ignore[operator]
    frame, _ = read([path])
    check(frame)
    assert list(frame["row"]) == [1, 2, 3]


def test_json_list_longer_than_the_buffer_keeps_every_element(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    many = [{"id": f"r{n}", "comment": f"Row {n} was late again. " * 40} for n in range(900)]
    path.write_text(json.dumps(many))
    assert path.stat().st_size > 3 * (1 << 18)
    frame, ledger = read([path])
    assert list(frame["id"]) == [f"r{n}" for n in range(900)]
    assert ledger.received == 900


def test_nested_json_gets_dotted_columns(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    rows = [
        {"review": {"text": f"The parcel number {n} was late."}, "user": {"plan": plan}}
        for n, plan in enumerate(["pro", "free"] * 4)
    ]
    path.write_text(json.dumps(rows))
    frame, _ = read([path])
    assert frame["cohort.user.plan"].tolist() == ["pro", "free"] * 4
    assert frame["text"][0] == "The parcel number 0 was late."


@pytest.mark.parametrize("text", ['{"a": 1, "b": [1, 2]}', '"words"', "[1, 2, 3"])
def test_json_without_a_list_of_objects(tmp_path: Path, text: str) -> None:
    path = tmp_path / "reviews.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"list of objects|has a header but no rows|no column"):
        read([path])


def test_json_cut_off_keeps_what_was_whole(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    path.write_text(json.dumps(objects())[:-30])
    export = open_export([path])
    chunks = list(export.chunks())
    assert chunks[0].ledger.accepted == 2
    assert [p.reason for p in chunks[0].problems] == ["row.not-json"]
    assert "the file ends inside this element" in chunks[0].problems[0].message


def test_json_damaged_in_the_middle_is_said(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    path.write_text(json.dumps(objects()).replace('{"id": "a2"', '{"id" "a2"'))
    with pytest.raises(DataError, match="element 2: the JSON is damaged here"):
        read([path])


def test_json_lines_with_a_truncated_line(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    lines = [json.dumps(one) for one in objects()]
    path.write_text(f'{lines[0]}\n{{"id": "x", "comm\n\n{lines[1]}\n{lines[2]}')
    (chunk,) = open_export([path]).chunks()
    check(chunk.feedback)
    assert list(chunk.feedback["row"]) == [1, 4, 5]
    assert chunk.ledger.rejected == 1
    assert chunk.problems[0].row == 2


def test_json_lines_are_known_by_content(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    path.write_text("\n".join(json.dumps(one) for one in objects()))
    export = open_export([path])
    assert export.sources[0].format == "jsonl"
    check(read([path])[0])


def test_a_key_that_turns_up_behind_the_sample_is_remarked_on_once(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    rows = [{"comment": f"Text number {n} of many."} for n in range(2010)]
    rows[2004]["mood"] = rows[2006]["mood"] = "sour"
    path.write_text("\n".join(map(json.dumps, rows)))
    problems = [p for chunk in open_export([path]).chunks() for p in chunk.problems]
    assert [(p.row, p.column, p.value, p.fatal) for p in problems] == [
        (2005, "mood", "sour", False)
    ]


def test_stdin_is_sniffed_and_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(delimited(";").encode())))
    export = open_export(["-"])
    first, second = (pd.concat([c.feedback for c in export.chunks()]) for _ in range(2))
    check(first)
    check(second)
    assert set(first["source"]) == {"stdin"}
    spooled = Path(export.sources[0].path)
    assert spooled.exists()
    del export
    assert not spooled.exists()


def test_stdin_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO(gzip.compress(delimited().encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(packed))
    check(read(["-"])[0])


def test_stdin_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(DataError, match="Standard input is empty"):
        read(["-"])


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text(delimited())
    with pytest.raises(UsageError, match=r'There is no file .*reviws\.csv.*Nearest: ".*reviews'):
        read([tmp_path / "reviws.csv"])


def test_no_path_at_all() -> None:
    with pytest.raises(UsageError, match="No file was given"):
        read([])


@pytest.mark.parametrize("content", [b"", b"  \n \n", b"\xef\xbb\xbf"])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"reviews\.csv is empty"):
        read([path])


def test_header_only(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("id,comment,rating\n")
    with pytest.raises(DataError, match=r"has a header but no rows \(columns: id, comment, rating"):
        read([path])


def test_header_only_of_many_columns_says_that_there_are_more(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("a,b,c,d,e,f,g,h,i,j\n")
    with pytest.raises(DataError, match=r"\(columns: a, b, c, d, e, f, g, h and 2 more\)"):
        read([path])


def test_folder_is_read_sorted_and_names_what_it_left(tmp_path: Path) -> None:
    for name, row in zip(("c.csv", "a.csv", "b.jsonl"), ROWS, strict=True):
        body = json.dumps(dict(zip(HEADER, row, strict=True)))
        table = ",".join(HEADER) + "\n" + ",".join(map(str, row)) + "\n"
        (tmp_path / name).write_text(body if name.endswith("l") else table)
    (tmp_path / "notes.docx").write_text("x")
    export = open_export([tmp_path])
    assert [source.name for source in export.sources] == ["a.csv", "b.jsonl", "c.csv"]
    assert any("not read: notes.docx" in note for note in export.notes)


def test_folder_without_an_export(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_text("x")
    with pytest.raises(DataError, match=r"holds no export file \(found: notes\.docx\)"):
        read([tmp_path])


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG image"),
        (b"%PDF-1.7 \n", "PDF document"),
        (bytes(range(1, 9)) * 200, "bytes that no text has"),
    ],
)
def test_binary_file_called_csv(tmp_path: Path, head: bytes, what: str) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(head)
    with pytest.raises(DataError, match=f"not a text or table file: .*{what}"):
        read([path])


def test_zip_archive_says_unpack(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.csv", delimited())
    with pytest.raises(DataError, match=r"is a ZIP archive.*Unpack it"):
        read([path])


def test_web_page_called_xls(tmp_path: Path) -> None:
    path = tmp_path / "reviews.xls"
    path.write_text("<html><table><tr><td>comment</td></tr></table></html>")
    with pytest.raises(DataError, match="is a web page or XML"):
        read([path])


def test_packed_workbook_says_unpack(tmp_path: Path) -> None:
    plain = tmp_path / "reviews.xlsx"
    write_xlsx(plain, {"Data": [HEADER, *ROWS]})
    path = tmp_path / "reviews.xlsx.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    with pytest.raises(DataError, match="only text files are read packed"):
        read([path])


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_damaged_gzip(tmp_path: Path, damage: str) -> None:
    packed = bytearray(gzip.compress(delimited().encode() * 50))
    if damage == "cut":
        packed = packed[:-20]
    else:
        packed[-6] ^= 0xFF
    path = tmp_path / "reviews.csv.gz"
    path.write_bytes(packed)
    with pytest.raises(DataError, match="damaged or was cut off") as caught:
        read([path])
    assert caught.value.slug == "ingest.damaged-gzip"


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(delimited())
    path.chmod(0)
    real = Path.open

    def refuse(self: Path, *args: object, **more: object) -> object:
        # Also as root, who may read everything.
        if self.exists() and not self.stat().st_mode & stat.S_IRUSR:
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"reviews\.csv can't be read: Permission denied"):
        read([path])


def test_format_override_against_the_content(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(delimited())
    with pytest.raises(DataError, match="was to be read as xlsx, but it holds text"):
        read([path], ReadOptions(format="xlsx"))
    frame, _ = read([path], ReadOptions(format="csv"))
    check(frame)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chunk_rows": 0}, "chunk_rows: got 0"),
        ({"delimiter": ";;"}, "delimiter: got ';;'"),
        ({"format": "doc"}, "format: got 'doc'"),
        ({"map": {"txt": "a"}}, 'no field "txt".*Nearest: "text"'),
        ({"map": {"date": ("a", "b")}}, "map date"),
    ],
)
def test_options_are_checked(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ReadOptions(**options)  # type: ignore[arg-type]
