"""Ragged rows, odd quotes, NUL bytes, huge cells, encodings: nothing is lost, all is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from miner.errors import DataError, UsageError
from miner.ingest import Chunk, ReadOptions, open_export


def only_chunk(path: Path, **options: object) -> Chunk:
    (chunk,) = open_export([path], ReadOptions(**options)).chunks()  # type: ignore[arg-type]
    return chunk


def save(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "reviews.csv"
    path.write_bytes(text.encode(encoding))
    return path


def reasons(chunk: Chunk) -> list[tuple[int, str, bool]]:
    return [(p.row, p.reason, p.fatal) for p in chunk.problems]


def test_a_row_with_too_many_fields_is_rejected(tmp_path: Path) -> None:
    path = save(
        tmp_path, "id,comment,date\n1,Too slow for me,2026-01-02\n2,slow, rude,2026-01-03\n"
    )
    chunk = only_chunk(path)
    assert list(chunk.feedback["id"]) == ["1"]
    assert reasons(chunk) == [(3, "row.too-many-fields", True)]
    assert chunk.problems[0].message == (
        "reviews.csv, row 3: got 4 fields, expected 3. Quote the cell that holds a separator."
    )
    assert chunk.problems[0].value == "2 | slow | rude | 2026-01-03"


def test_separators_at_the_end_of_a_row_do_no_harm(tmp_path: Path) -> None:
    path = save(tmp_path, "id,comment\n1,Too slow for me,,\n2,Very rude to me,\n")
    chunk = only_chunk(path)
    assert chunk.ledger.accepted == 2
    assert not chunk.problems


def test_a_row_with_too_few_fields_is_kept_and_said(tmp_path: Path) -> None:
    path = save(tmp_path, "id,comment,date\n1,Too slow for me\n2,Very rude to me,2026-01-03\n")
    chunk = only_chunk(path)
    assert chunk.ledger.accepted == 2
    assert reasons(chunk) == [(2, "row.too-few-fields", False)]


def test_line_breaks_and_doubled_quotes_inside_cells(tmp_path: Path) -> None:
    path = save(
        tmp_path, 'id,comment\r\n1,"Said ""soon"".\r\nStill waiting, sadly."\r\n2,Fine now\r\n'
    )
    chunk = only_chunk(path)
    assert list(chunk.feedback["text"]) == ['Said "soon".\r\nStill waiting, sadly.', "Fine now"]
    assert list(chunk.feedback["row"]) == [2, 3]


def test_an_unclosed_quote_costs_one_row_only(tmp_path: Path) -> None:
    rows = [f"{n},Visit number {n} was fine,ok\n" for n in range(1, 40)]
    rows[9] = '10,"Visit number 10 was never closed,ok\n'
    rows[29] = '30,"Visit number 30, with care",ok\n'
    chunk = only_chunk(save(tmp_path, "id,comment,state\n" + "".join(rows)))
    assert chunk.ledger.received == 39
    assert list(chunk.feedback["id"]) == [str(n) for n in range(1, 40) if n != 10]
    assert reasons(chunk) == [(11, "row.unbalanced-quote", True)]
    assert "a quote is opened here and not closed" in chunk.problems[0].message


def test_a_quote_open_at_the_end_of_the_file_costs_one_row_only(tmp_path: Path) -> None:
    text = 'id,comment\n1,Good service today\n2,"never closed\n3,Bad service today\n4,Fine again\n'
    chunk = only_chunk(save(tmp_path, text))
    assert list(chunk.feedback["id"]) == ["1", "3", "4"]
    assert reasons(chunk) == [(3, "row.unbalanced-quote", True)]


def test_a_runaway_quote_is_given_up_long_before_the_end(tmp_path: Path) -> None:
    filler = "".join(f"{n},{'word ' * 60}{n}\n" for n in range(3, 9000))
    text = 'id,comment\n1,Good service today\n2,"never closed\n' + filler
    assert len(text) > 2_600_000
    chunks = list(open_export([save(tmp_path, text)]).chunks())
    assert sum(chunk.ledger.received for chunk in chunks) == 8999
    assert sum(chunk.ledger.rejected for chunk in chunks) == 1
    assert chunks[0].problems[0].row == 3


def test_the_rest_of_a_broken_record_is_not_taken_for_feedback(tmp_path: Path) -> None:
    text = (
        'id,comment,plan\n1,"It said\n"wait" for an hour\nand then closed",pro\n2,Quick today,pro\n'
    )
    chunk = only_chunk(save(tmp_path, text), map={"text": "comment"})
    assert list(chunk.feedback["id"]) == ["2"]
    assert {p.reason for p in chunk.problems} == {"row.unbalanced-quote"}
    assert chunk.ledger.rejected == chunk.ledger.received - 1


def test_quotes_not_doubled_within_one_line_are_kept_with_a_remark(tmp_path: Path) -> None:
    chunk = only_chunk(save(tmp_path, 'id,comment\n1,"They said "soon" twice"\n2,All good here\n'))
    assert chunk.ledger.accepted == 2
    assert reasons(chunk) == [(2, "row.stray-quote", False)]
    assert "soon" in chunk.feedback["text"][0]


def test_blank_lines_are_no_rows_but_count(tmp_path: Path) -> None:
    chunk = only_chunk(save(tmp_path, "id,comment\n\n1,Too slow for me\n\n2,Very rude to me\n\n"))
    assert chunk.ledger.received == 2
    assert list(chunk.feedback["row"]) == [3, 5]


def test_nul_bytes_are_taken_out_and_said(tmp_path: Path) -> None:
    filler = "".join(f"{n},Some words about visit {n}\n" for n in range(2, 30))
    chunk = only_chunk(save(tmp_path, "id,comment\n1,Too\0 slow for\0 me\n" + filler))
    assert chunk.feedback["text"][0] == "Too slow for me"
    assert reasons(chunk) == [(2, "row.unreadable-character", False)]


def test_a_cell_of_a_megabyte(tmp_path: Path) -> None:
    long = "The queue was long. " * 52_500
    text = f'id,comment\n1,"{long}\nand a second line"\n2,Quick today\n'
    chunk = only_chunk(save(tmp_path, text))
    assert len(chunk.feedback["text"][0]) > 1_000_000
    assert chunk.ledger.accepted == 2


GERMAN = "id;kommentar\n1;Das Gerät läuft nicht mehr, schade für mich\n2;Schöne Grüße\n"
POLISH = "id;opinia\n" + "".join(
    f"{n};Bardzo długo czekałem na odpowiedź, obsługa była miła ale zbyt późno\n" for n in range(9)
)
RUSSIAN = "id;text\n" + "".join(
    f"{n};Очень долго ждали ответа от поддержки, потом всё решили быстро\n" for n in range(9)
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    chunk = only_chunk(save(tmp_path, GERMAN, encoding))
    assert chunk.feedback["text"][0] == "Das Gerät läuft nicht mehr, schade für mich"
    assert chunk.feedback["id"][0] == "1"


@pytest.mark.parametrize(
    ("text", "encoding"), [(POLISH, "cp1250"), (RUSSIAN, "cp1251"), (GERMAN, "cp850")]
)
def test_other_one_byte_encodings(tmp_path: Path, text: str, encoding: str) -> None:
    chunk = only_chunk(save(tmp_path, text, encoding), map={"text": "#2"})
    assert chunk.feedback["text"][0] == text.splitlines()[1].split(";")[1]


def test_a_foreign_byte_far_down_does_not_crash(tmp_path: Path) -> None:
    rows = "".join(f"{n},The café was näht {n}\n" for n in range(30_000)).encode()
    path = tmp_path / "reviews.csv"
    path.write_bytes(b"id,comment\n" + rows + b"x,caf\xe9 at the end\n")
    export = open_export([path])
    assert any("1 bytes are not UTF-8" in note for note in export.notes)
    last = list(export.chunks())[-1].feedback.iloc[-1]
    assert last["text"] == "café at the end"


def test_wrong_encoding_by_hand(tmp_path: Path) -> None:
    path = save(tmp_path, GERMAN, "cp1252")
    with pytest.raises(
        DataError, match=r"is not utf-8-sig: the text breaks off after about line 1"
    ):
        only_chunk(path, encoding="utf-8")


def test_unknown_encoding_by_hand(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='no text encoding "utf-88"'):
        only_chunk(save(tmp_path, GERMAN), encoding="utf-88")


def test_encoding_and_separator_by_hand(tmp_path: Path) -> None:
    path = save(tmp_path, GERMAN.replace(";", "~"), "cp850")
    export = open_export([path], ReadOptions(encoding="cp850", delimiter="~"))
    (chunk,) = export.chunks()
    assert chunk.feedback["text"][1] == "Schöne Grüße"
    assert export.sources[0].encoding == "cp850"


def test_lone_surrogates_in_json(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text('{"comment": "half a face \\ud83d and more words"}\n')
    chunk = only_chunk(path)
    assert chunk.feedback["text"][0] == "half a face \ufffd and more words"
    assert chunk.problems[0].reason == "row.unreadable-character"
