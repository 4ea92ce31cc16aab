"""One message to one row: headers, encodings, parts, machines, whatever state it is in."""

from __future__ import annotations

import base64
import quopri
from email.message import EmailMessage
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.ingest import open_export
from miner.ingest.mail.message import read_mail
from miner.ingest.mail.parts import unflowed
from miner.types import RowProblem

OWN = "The lamp flickers and your shop never called me back."


def mail(body: str = OWN, **headers: str) -> bytes:
    """One plain message, headers by name with _ for -, None leaves one out."""
    known = {
        "Message_ID": "<l1@home.example>",
        "Date": "Mon, 2 Mar 2026 10:00:00 +0100",
        "From": "Jo Doe <Jo.Doe@Home.example>",
        "To": "care@glimmer.example",
        "Subject": "Lamp",
        "Content_Type": "text/plain; charset=utf-8",
    } | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in known.items() if value]
    return ("\n".join(lines) + "\n\n" + body + "\n").encode()


def rows(tmp_path: Path, *data: bytes) -> tuple[pd.DataFrame, list[RowProblem], dict[str, int]]:
    """Read messages as a folder of .eml files."""
    for number, one in enumerate(data):
        (tmp_path / f"{number:03d}.eml").write_bytes(one)
    chunks = list(open_export([tmp_path]).chunks())
    problems = [problem for chunk in chunks for problem in chunk.problems]
    ledger = sum((chunk.ledger for chunk in chunks[1:]), chunks[0].ledger)
    return pd.concat([chunk.feedback for chunk in chunks]), problems, ledger.to_dict()


def test_a_plain_message_is_a_row(tmp_path: Path) -> None:
    frame, problems, _ = rows(tmp_path, mail())
    row = frame.iloc[0]
    assert (row["id"], row["customer"]) == ("l1@home.example", "jo.doe@home.example")
    assert row["date"] == pd.Timestamp("2026-03-02 09:00:00")
    assert row["text"] == f"Lamp\n{OWN}"
    assert problems == []


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Re: Fwd: AW: SV: Lamp", "Lamp"),
        ("RE[2]: Lamp", "Lamp"),
        ("Antw: VB: Tr : Lamp", "Lamp"),
        ("Regarding: Lamp", "Regarding: Lamp"),
        ("=?utf-8?q?Sp=C3=A4?=\n =?utf-8?q?t_geliefert?=", "Spät geliefert"),
        ("=?utf-8?b?" + base64.b64encode("Späte".encode()[:3]).decode() + "?= =?utf-8?b?"
         + base64.b64encode("Späte".encode()[3:]).decode() + "?=", "Späte"),
        ("=?iso-8859-1?q?Caf=E9?= closed", "Café closed"),
        ("=?nonsense?q?Caf=C3=A9?=", "Café"),
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("A very long\n subject, folded\n\ttwice", "A very long subject, folded twice"),
    ],
)  # fmt: skip
def test_subjects(subject: str, title: str) -> None:
    assert read_mail(mail(Subject=subject)).subject == title


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_header_in_raw_bytes(encoding: str) -> None:
    data = mail(Subject="Café fermé").replace("Café fermé".encode(), "Café fermé".encode(encoding))
    assert read_mail(data).subject == "Café fermé"


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ('"Doe, Jo" <JO@home.example>', "jo@home.example"),
        ("jo@home.example (Jo)", "jo@home.example"),
        ("=?utf-8?q?J=C3=B6_?=<jo@home.example>", "jo@home.example"),
        ("=?utf-8?q?Jo_=3Cjo=40home.example=3E?=", "jo@home.example"),
        ("undisclosed-recipients:;", ""),
        ("", ""),
    ],
)
def test_senders(sender: str, address: str) -> None:
    assert read_mail(mail(From=sender)).sender == address


@pytest.mark.parametrize(
    ("date", "iso"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0100 (CET)", "2026-03-02 09:00:00"),
        ("2 Mar 26 10:00 GMT", "2026-03-02 10:00:00"),
        ("Mon, 2 Mar 2026 10:00:00 -0000", "2026-03-02 10:00:00"),
    ],
)
def test_dates_are_in_utc(date: str, iso: str) -> None:
    assert read_mail(mail(Date=date)).date == iso


def test_without_a_date_the_moment_of_arrival_counts() -> None:
    received = "from a by b; Tue, 3 Mar 2026 08:00:00 +0000"
    assert read_mail(mail(Date="", Received=received)).date == "2026-03-03 08:00:00"


def test_a_date_that_cannot_be_read_is_remarked_on(tmp_path: Path) -> None:
    frame, problems, _ = rows(tmp_path, mail(Date="the day before yesterday"))
    assert pd.isna(frame["date"].iloc[0])
    assert [(p.reason, p.column, p.fatal) for p in problems] == [
        ("row.date-unreadable", "Date", False)
    ]


def test_a_message_without_an_id_has_one_that_lasts() -> None:
    plain = mail(Message_ID="")
    first = read_mail(plain).id
    assert read_mail(plain.replace(b"\n", b"\r\n")).id == first
    assert read_mail(b"Status: RO\nX-Mozilla-Status: 0001\n" + plain).id == first
    assert read_mail(plain.replace(b"flickers", b"glows")).id != first
    assert read_mail(plain.replace(b"Lamp", b"Lump")).id != first


@pytest.mark.parametrize(
    ("declared", "actual", "fits"),
    [
        ("utf-8", "utf-8", True), ("utf-8", "cp1252", False),
        ("windows-1252", "cp1252", True), ("iso-8859-1", "cp1252", True),
        ("us-ascii", "cp1252", True),  # as browsers do: it stands for Windows-1252
        ("", "utf-8", True), ("", "cp1252", True),
        ("x-no", "utf-8", False), ("x-no", "cp1252", False), ("hex", "utf-8", False),
    ],
)  # fmt: skip
def test_bodies_are_legible_whatever_they_say_they_are(
    declared: str, actual: str, fits: bool
) -> None:
    kind = f"text/plain; charset={declared}" if declared else "text/plain"
    head, _, _ = mail(Content_Type=kind).partition(b"\n\n")
    found = read_mail(head + b"\n\n" + "Das „Café“ schließt früh.".encode(actual))
    assert found.text == "Das „Café“ schließt früh."
    assert (found.content.misnamed == ()) == fits


def test_a_wrong_encoding_is_remarked_on(tmp_path: Path) -> None:
    data = mail("Fermé le lundi, encore.").replace("é".encode(), b"\xe9")
    frame, problems, _ = rows(tmp_path, data)
    assert frame["text"].iloc[0] == "Lamp\nFermé le lundi, encore."
    assert [(p.reason, p.value, p.fatal) for p in problems] == [("row.charset", "utf-8", False)]


@pytest.mark.parametrize(
    ("name", "encode"),
    [("quoted-printable", quopri.encodestring), ("base64", base64.encodebytes), ("8bit", bytes)],
)
def test_transfer_encodings(name: str, encode: object) -> None:
    head, _, _ = mail(Content_Transfer_Encoding=name).partition(b"\n\n")
    body = encode("Très déçu, deux fois.".encode())  # type: ignore[operator]
    assert read_mail(head + b"\n\n" + body).text == "Très déçu, deux fois."


@pytest.mark.parametrize(("delsp", "text"), [("", OWN), ("; delsp=yes", OWN.replace(" ", ""))])
def test_flowed_lines_are_joined(delsp: str, text: str) -> None:
    body = OWN.replace(" ", " \n") + "\n-- \nJo"
    kind = f"text/plain; charset=utf-8; format=flowed{delsp}"
    assert read_mail(mail(body, Content_Type=kind)).text == text


def test_flowed_quotations_are_not_joined_with_the_answer() -> None:
    assert unflowed("> old \n> words\nnew \nwords") == "> old words\nnew words"


def build(plain: str | None, html: str | None, *, files: int = 0, logo: bool = False) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "jo@home.example", "Lamp"
    message["Message-ID"] = "<l2@home.example>"
    if plain is not None:
        message.set_content(plain)
    if html is not None:
        (message.set_content if plain is None else message.add_alternative)(html, subtype="html")
    if logo:
        message.add_related(b"GIF89a", maintype="image", subtype="gif", cid="<logo>")
    for number in range(files):
        message.add_attachment(b"%PDF", maintype="application", subtype="pdf",
                               filename=f"bill{number}.pdf")  # fmt: skip
    return message.as_bytes()


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        ("Plain words.", "<p>Rich words.</p>", "Plain words."),
        (" \n", "<p>Rich words.</p>", "Rich words."),
        (None, "<p>Rich <b>words</b>.</p>", "Rich words."),
        ("Plain words.", None, "Plain words."),
    ],
)
def test_the_plain_alternative_comes_first(plain: str, html: str, text: str) -> None:
    assert read_mail(build(plain, html)).text == text


def test_attachments_are_counted_and_not_read(tmp_path: Path) -> None:
    frame, problems, _ = rows(tmp_path, build("See the bill.", None, files=2))
    assert frame["text"].iloc[0] == "Lamp\nSee the bill."
    assert [(p.reason, p.value, p.fatal) for p in problems] == [("row.attachments", "2", False)]


def test_a_logo_is_no_attachment() -> None:
    assert (
        read_mail(build(None, "<p>See</p><img src='cid:logo'>", logo=True)).content.attachments == 0
    )


def test_text_below_an_attachment_is_read_and_a_message_inside_is_not() -> None:
    outer = EmailMessage()
    outer["From"] = "jo@home.example"
    outer.set_content("Above.")
    outer.add_attachment(b"x", maintype="application", subtype="zip", filename="a.zip")
    inner = EmailMessage()
    inner.set_content("Inside.")
    outer.add_attachment(inner)
    lower = EmailMessage()
    lower.set_content("Below.")
    outer.attach(lower)
    found = read_mail(outer.as_bytes())
    assert found.text == "Above.\n\nBelow."
    assert found.content.attachments == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (rejected)"},
        {"X_Auto_Response_Suppress": "All"},
        {"Content_Type": 'multipart/report; report-type=delivery-status; boundary="b"'},
        {"From": "MAILER-DAEMON@mx.example"},
        {"X_Autoreply": "yes"},
        {"Subject": "Automatic reply: Lamp"},
        {"Subject": "Abwesenheitsnotiz: Lampe"},
        {"Subject": "Autosvar"},
    ],
)
def test_what_a_machine_wrote_is_set_aside(tmp_path: Path, headers: dict[str, str]) -> None:
    frame, problems, ledger = rows(tmp_path, mail(), mail("I am away.", **headers))
    assert len(frame) == 1
    assert [(p.row, p.reason, p.fatal) for p in problems] == [(2, "row.auto-reply", True)]
    assert ledger == {
        "received": 2, "accepted": 1, "duplicate": 0, "empty": 0, "junk": 0, "rejected": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"},
        {"X_Auto_Response_Suppress": "None"},
        {"Subject": "Automatic reply or not, the lamp"},
    ],
)
def test_what_a_person_wrote_is_not(headers: dict[str, str]) -> None:
    assert read_mail(mail(**headers)).automatic == ""


def test_what_was_thrown_away_is_set_aside(tmp_path: Path) -> None:
    _, problems, _ = rows(tmp_path, mail(), mail(X_Mozilla_Status="0009"))
    assert [(p.row, p.reason) for p in problems] == [(2, "row.deleted-message")]


def test_an_encrypted_message_is_set_aside(tmp_path: Path) -> None:
    sealed = mail("-----BEGIN PGP MESSAGE-----", Content_Type="application/pkcs7-mime")
    _, problems, ledger = rows(tmp_path, mail(), sealed)
    assert problems[0].reason == "row.message-unreadable"
    assert "it is encrypted. File: 001.eml" in problems[0].message
    assert ledger["rejected"] == 1


def test_an_answer_without_words_of_its_own_is_empty(tmp_path: Path) -> None:
    answer = mail("> We have sent it.\n> Glimmer Care", Subject="Re: Your order")
    frame, problems, ledger = rows(tmp_path, mail(), answer)
    assert len(frame) == 1
    assert ledger["empty"] == 1
    assert [p.reason for p in problems] == ["row.empty"]


def test_a_subject_alone_is_a_statement(tmp_path: Path) -> None:
    frame, _, _ = rows(tmp_path, mail("", Subject="Your lamp is a joke"))
    assert frame["text"].iloc[0] == "Your lamp is a joke"


def test_a_message_the_parser_fails_on_is_a_reject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from miner.ingest.mail import rows as module

    def fail(data: bytes) -> object:
        if b"flickers" in data:
            raise IndexError("list index out of range")
        return read_mail(data)

    monkeypatch.setattr(module, "read_mail", fail)
    frame, problems, ledger = rows(tmp_path, mail(), mail("Too dark to read, every evening."))
    assert len(frame) == 1
    assert (ledger["received"], ledger["rejected"]) == (2, 1)
    assert "damaged (IndexError: list index" in problems[0].message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"no header at all, only words",
        b"Content-Type: multipart/mixed\n\nno boundary, still words",
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nnever closed',
        b"Content-Type: text/plain; charset=\x00\n\nwords",
        b"Content-Type: \xff\xfe\n\nwords",
        b"Content-Transfer-Encoding: base64\n\n!!!!",
        b"Subject: =?utf-8?q?" + b"=C3" * 500 + b"?=\n\nwords",
        b"From: <<<>>>\nDate: 99999999999999999999\nMessage-ID: <>\n\nwords",
        b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n\nwords",
    ],
)
def test_broken_messages_are_answered(data: bytes) -> None:
    found = read_mail(data)
    assert found.id
    if b"words" in data:
        assert "words" in found.text


def nested(depth: int) -> bytes:
    data = b"Content-Type: text/plain\n\ndeep words"
    for level in range(depth):
        data = (
            b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
            + data + b"\n--b%d--\n" % level
        )  # fmt: skip
    return data


def test_parts_in_parts_are_read_or_rejected(tmp_path: Path) -> None:
    assert read_mail(nested(20)).text == "deep words"
    _, problems, ledger = rows(tmp_path, mail(), nested(3000))
    assert ledger["rejected"] == 1
    assert problems[0].reason == "row.message-unreadable"


@given(st.binary(max_size=400))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert read_mail(data).id


@given(
    st.lists(
        st.sampled_from(["Subject", "From", "Date", "Content-Type", "Message-ID"]), max_size=5
    ),
    st.lists(st.text(max_size=60), min_size=5, max_size=5),
)
def test_any_headers_are_answered(names: list[str], values: list[str]) -> None:
    heads = "".join(f"{name}: {value}\n" for name, value in zip(names, values, strict=False))
    assert read_mail((heads + "\nwords").encode("utf-8", "replace")).id
