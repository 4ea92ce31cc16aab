"""Mailboxes of every kind give the same rows, in one pass, and lose no message."""

from __future__ import annotations

import gzip
import io
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.errors import DataError
from miner.ingest import ReadOptions, inspect, open_export, read
from miner.ingest.mail.boxes import MOST_BYTES, is_mbox, is_message, messages
from miner.ingest.sources import Place, find

TEXTS = ("The kettle leaks.", "Nobody answered me for a week.", "Best kettle I ever had.")
DATED = "From jo@home.example Mon Mar  2 10:00:00 2026"


def message(number: int, text: str) -> str:
    return (
        f"From: guest{number}@home.example\nDate: Mon, {number + 1} Mar 2026 10:00:00 +0000\n"
        f"Subject: \nMessage-ID: <k{number}@home.example>\n\n{text}\n"
    )


def mbox(*texts: str, separator: str = DATED, gap: str = "\n") -> bytes:
    return "".join(f"{separator}\n{message(n, text)}{gap}" for n, text in enumerate(texts)).encode()


def maildir(folder: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "cur" / "1700000000.a.host:2,S").write_text(message(0, TEXTS[0]))
    (folder / "cur" / "1700000002.c.host:2,RS").write_text(message(2, TEXTS[2]))
    (folder / "new" / "1700000001.b.host").write_text(message(1, TEXTS[1]))
    (folder / "tmp" / "1700000003.d.host").write_text(message(3, "Half written."))
    return folder


def single(folder: Path) -> Path:
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.eml").write_text(message(number, text))
    return folder


def check(frame: pd.DataFrame) -> None:
    assert list(frame["text"]) == list(TEXTS)
    assert list(frame["id"]) == [f"k{n}@home.example" for n in range(3)]
    assert list(frame["customer"]) == [f"guest{n}@home.example" for n in range(3)]
    assert list(frame["date"].dt.day) == [1, 2, 3]
    assert list(frame["row"]) == [1, 2, 3]


@pytest.mark.parametrize("name", ["inbox.mbox", "inbox", "Sent.txt"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_mbox_is_known_by_its_first_line(tmp_path: Path, name: str, end: str) -> None:
    path = tmp_path / name
    path.write_bytes(mbox(*TEXTS).replace(b"\n", end.encode()))
    check(read([path])[0])
    assert open_export([path]).sources[0].format == "mbox"


@pytest.mark.parametrize(
    "separator",
    [
        "From 1788888888@xxx Mon Mar 02 10:00:00 +0000 2026",
        "From - Mon Mar  2 10:00:00 2026",
        "From MAILER-DAEMON",
        "From ???@??? Mon Mar 02 10:00:00 2026",
    ],
)
def test_separating_lines_of_several_programs(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(*TEXTS, separator=separator))
    check(read([path])[0])


def test_an_mbox_without_blank_lines_between_messages(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(*TEXTS, gap=""))
    check(read([path])[0])


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("One.\n\nFrom the start it leaked.", "One.\n\nFrom the start it leaked."),
        ("One.\n\nFrom kettles:\nto cups.", "One.\n\nFrom kettles:\nto cups."),
        ("One.\n\n>From the start it leaked.", "One.\n\nFrom the start it leaked."),
    ],
)
def test_a_line_of_a_letter_separates_nothing(tmp_path: Path, written: str, text: str) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(written, TEXTS[1]))
    assert list(read([path])[0]["text"]) == [text, TEXTS[1]]


def test_a_packed_mbox_and_one_on_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "inbox.mbox.gz"
    path.write_bytes(gzip.compress(mbox(*TEXTS)))
    check(read([path])[0])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mbox(*TEXTS))))
    check(read(["-"])[0])


def test_a_packed_mbox_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox.gz"
    path.write_bytes(gzip.compress(mbox(*TEXTS) * 50)[:-20])
    with pytest.raises(DataError, match="damaged or was cut off"):
        read([path])


def test_a_maildir_is_one_table_in_order_of_delivery(tmp_path: Path) -> None:
    export = open_export([maildir(tmp_path / "Mail")])
    check(pd.concat([chunk.feedback for chunk in export.chunks()]))
    source = export.sources[0]
    assert (source.name, source.format) == ("Mail", "maildir")


def test_a_maildir_keeps_its_hash_when_mail_is_read_and_changes_it_when_mail_comes(
    tmp_path: Path,
) -> None:
    folder = maildir(tmp_path / "Mail")
    before = find([folder])[0][0].sha256()
    (folder / "new" / "1700000001.b.host").rename(folder / "cur" / "1700000001.b.host:2,S")
    assert find([folder])[0][0].sha256() == before
    (folder / "new" / "1700000009.z.host").write_text(message(9, "More."))
    assert find([folder])[0][0].sha256() != before


def test_mail_moved_or_removed_while_a_maildir_is_read(tmp_path: Path) -> None:
    folder = maildir(tmp_path / "Mail")
    export = open_export([folder])
    (folder / "new" / "1700000001.b.host").rename(folder / "cur" / "1700000001.b.host:2,S")
    (folder / "cur" / "1700000002.c.host:2,RS").unlink()
    (chunk,) = export.chunks()
    assert list(chunk.feedback["text"]) == list(TEXTS[:2])
    assert chunk.ledger.rejected == 1
    assert "it was removed while the folder was read" in chunk.problems[0].message


def test_mail_thrown_away_in_a_maildir_is_set_aside(tmp_path: Path) -> None:
    folder = maildir(tmp_path / "Mail")
    (folder / "cur" / "1700000002.c.host:2,RS").rename(folder / "cur" / "1700000002.c.host:2,RST")
    frame, ledger = read([folder])
    assert (len(frame), ledger.rejected) == (2, 1)


def test_mail_folders_below_a_maildir_are_named(tmp_path: Path) -> None:
    folder = maildir(tmp_path / "Mail")
    maildir(folder / ".Sent")
    assert "Mail: mail folders below it were not read: .Sent." in open_export([folder]).notes


def test_a_folder_of_messages_is_one_table_beside_the_others(tmp_path: Path) -> None:
    folder = single(tmp_path / "letters")
    export = open_export([folder])
    check(pd.concat([chunk.feedback for chunk in export.chunks()]))
    assert [(s.name, s.format) for s in export.sources] == [("letters", "eml")]
    (folder / "form.csv").write_text("id,comment\n9,The lid is loose.\n")
    frame, _ = read([folder])
    assert list(frame["text"]) == [*TEXTS, "The lid is loose."]


@pytest.mark.parametrize("name", ["one.eml", "one.txt"])
def test_one_message(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(
        "Received: from a by b; Mon, 2 Mar 2026 10:00:00 +0000\n" + message(1, TEXTS[1])
    )
    frame, _ = read([path])
    assert list(frame["text"]) == [TEXTS[1]]
    assert open_export([path]).sources[0].format == "eml"


@pytest.mark.parametrize(
    ("make", "wanted", "found"),
    [
        ("mbox", "csv", None),
        ("mbox", "eml", "mbox"),
        ("csv", "mbox", "text"),
        ("csv", "maildir", "text"),
    ],
)
def test_formats_by_hand(tmp_path: Path, make: str, wanted: str, found: str | None) -> None:
    path = tmp_path / "inbox"
    path.write_bytes(mbox(*TEXTS) if make == "mbox" else b"id,comment\n1,The lid is loose.\n")
    if found is None:
        assert open_export([path], ReadOptions(format=wanted, map={"text": "#1"})).sources
        return
    with pytest.raises(DataError, match=f"read as {wanted}, but it holds {found}"):
        read([path], ReadOptions(format=wanted))


def test_a_maildir_cannot_be_read_as_something_else(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="read as csv, but it holds maildir"):
        read([maildir(tmp_path / "Mail")], ReadOptions(format="csv"))


def test_an_empty_maildir(tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / name).mkdir(parents=True)
    with pytest.raises(DataError, match="Mail holds no message") as caught:
        read([tmp_path / "Mail"])
    assert caught.value.slug == "ingest.no-rows"


def test_the_columns_are_fixed_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(*TEXTS))
    (file,) = inspect([path]).files
    assert [(c.column, c.field) for c in file.mapping.columns] == [
        ("Message-ID", "id"), ("Date", "date"), ("From", "customer"), ("Subject", "title"),
        ("Body", "text"),
    ]  # fmt: skip
    assert file.mapping.layout == "mail"


def test_a_table_with_the_columns_of_mail_is_no_mailbox(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "Message-ID,Date,From,Subject,Body\n1,2026-03-01,Jo Doe,Lid,The lid is loose.\n"
    )
    assert open_export([path]).mapping.layout is None


def test_the_command_reads_a_mailbox(tmp_path: Path, miner_cli: Callable[..., object]) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(*TEXTS))
    shown = miner_cli("inspect", path)
    assert shown.code == 0
    assert "known export (mail)" in shown.out
    scored = miner_cli("score", path, "--format", "jsonl")
    assert scored.code == 0
    assert "k0@home.example" in scored.out


def test_mail_is_told_from_text() -> None:
    assert not is_mbox(b"From start to end: great\nNote: buy again\n")
    assert not is_mbox(b"From Leeds 10:30 to York 2026\nwe had no seats\n")
    assert is_mbox(b"\n" + mbox("x"))
    assert not is_message(b"From: Leeds\nTo: York\nDate: 3 May\nText goes on\n")


def test_a_message_larger_than_memory_should_hold_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miner.ingest.mail.boxes.MOST_BYTES", 2000)
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(TEXTS[0], "x" * 70 + "\n" + "long line\n" * 400, TEXTS[2]))
    (chunk,) = open_export([path]).chunks()
    assert list(chunk.feedback["row"]) == [1, 3]
    assert [(p.row, p.reason) for p in chunk.problems] == [(2, "row.message-unreadable")]
    assert MOST_BYTES == 64 << 20


def test_memory_does_not_grow_with_the_mailbox(tmp_path: Path) -> None:
    letter = mbox("A letter of some length.\n" * 200)
    peaks = []
    for count in (500, 4000):
        path = tmp_path / f"{count}.mbox"
        path.write_bytes(letter * count)
        tracemalloc.start()
        try:
            assert sum(1 for _ in messages(Place(path, path.name), "mbox")) == count
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert path.stat().st_size > 20_000_000 > 1.5 * peaks[1]
    assert peaks[1] < 1.1 * peaks[0]


LINE = st.sampled_from(["a line", "", "From the start", ">From here", "From: x", ">> old", "12:30"])


@given(st.lists(st.lists(LINE, min_size=1, max_size=5), min_size=1, max_size=6))
def test_every_message_of_an_mbox_comes_out(tmp_path: Path, bodies: list[list[str]]) -> None:
    """Written as RFC 4155's successors do: each "From " of a letter with one more ">"."""
    texts = ["\n".join(body) for body in bodies]
    quoted = [
        "\n".join(">" + line if line.lstrip(">").startswith("From ") else line for line in body)
        for body in bodies
    ]
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(*quoted))
    found = [raw.data.decode() for raw in messages(Place(path, "inbox.mbox"), "mbox")]
    assert [one.partition("\n\n")[2].rstrip("\n") for one in found] == [
        text.rstrip("\n") for text in texts
    ]
