"""`miner feed` as an operator types it, on a real SQLite store."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cli.feed_nights import review, write_config, write_night

from miner import scoring

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the model once for all tests: each would take a second for it."""
    monkeypatch.setattr(scoring, "load_bundle", _loaded)


_loaded = cache(scoring.load_bundle)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A feed with two deliveries that nobody has read."""
    write_config(tmp_path)
    write_night(tmp_path, "2026-10-29.csv", map(review, range(24)))
    write_night(tmp_path, "2026-10-30.csv", map(review, range(24, 30)))
    return tmp_path


@pytest.fixture
def fed(folder: Path, miner_cli: Call) -> Path:
    """The same after its first night."""
    assert miner_cli("feed", "run", folder / "feed.toml", "-q").code == 0
    return folder


def counts(answer: Any) -> dict[str, int]:
    """Return the words of the source in a run's JSON that are not 0."""
    ledger: dict[str, int] = json.loads(answer.out)["ledger"].get("reviews", {})
    return {word: count for word, count in ledger.items() if count}


def test_init_writes_a_file_that_check_can_read(miner_cli: Call, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    answer = miner_cli("feed", "init", path)
    assert answer.code == 0
    assert f"miner feed check {path}" in answer.out
    assert "[[source]]" in path.read_text(encoding="utf-8")
    assert miner_cli("feed", "check", path).code == 0
    again = miner_cli("feed", "init", path)
    assert again.code == 2
    assert "is there already" in again.err


def test_check_says_what_a_run_would_read_and_writes_nothing(folder: Path, miner_cli: Call) -> None:
    answer = miner_cli("feed", "check", folder / "feed.toml")
    assert answer.code == 0, answer.err
    assert "2026-10-29.csv, 2026-10-30.csv" in answer.out
    assert "30 rows, none set aside" in answer.out
    assert "Beware" not in answer.out
    assert not (folder / "store").exists()


def test_check_warns_where_there_are_no_ids(folder: Path, miner_cli: Call) -> None:
    path = folder / "feed.toml"
    path.write_text(path.read_text().replace('id = "Id"', 'ignore = "Id"'))
    answer = miner_cli("feed", "check", path)
    assert answer.code == 0, answer.err
    assert "no column was taken for an id" in answer.out


def test_check_names_a_broken_file_and_ends_with_3(folder: Path, miner_cli: Call) -> None:
    (folder / "inbox" / "broken.csv").write_bytes(b"PK\x03\x04 no workbook \x00\xff")
    answer = miner_cli("feed", "check", folder / "feed.toml")
    assert answer.code == 3
    assert "Trouble" in answer.out
    assert "broken.csv can't be opened" in " ".join(answer.out.split())
    source = json.loads(miner_cli("feed", "check", folder / "feed.toml", "--json").out)
    assert source["sources"][0]["places"] == ["2026-10-29.csv", "2026-10-30.csv"]
    assert len(source["sources"][0]["troubles"]) == 1


def test_the_five_words_over_the_nights(fed: Path, miner_cli: Call) -> None:
    config = fed / "feed.toml"
    assert counts(miner_cli("feed", "run", config, "--json")) == {}
    rows = [
        review(1, "It fell apart after a day.", changed="2026-11-01 07:00"),
        review(2),
        review(99),
        review(99),
        review(3, changed="2026-11-01 07:00", withdrawn="yes"),
    ]
    write_night(fed, "2026-11-01.csv", rows)
    dry = miner_cli("feed", "run", config, "--dry-run", "--json")
    wet = miner_cli("feed", "run", config, "--json")
    assert wet.out.count("\n") == 1  # a log holds one object a line
    expected = {"received": 5, "new": 1, "changed": 1, "unchanged": 1, "duplicate": 1, "gone": 1}
    assert {word: counts(wet)[word] for word in expected} == expected
    assert counts(dry) == counts(wet)
    assert (json.loads(dry.out)["state"], json.loads(dry.out)["run"]) == ("dry", None)
    with sqlite3.connect(fed / "store" / "shop.db") as store:
        rows = store.execute("SELECT id, verbatim FROM feedback_now ORDER BY id").fetchall()
    known = dict(rows)
    assert len(rows) == 30
    assert known["r1"] == "It fell apart after a day."
    assert "r3" not in known


def test_run_prints_a_table_and_says_when_nothing_is_new(folder: Path, miner_cli: Call) -> None:
    first = miner_cli("feed", "run", folder / "feed.toml")
    assert first.code == 0, first.err
    assert "unchanged" in first.out
    assert "Run 1  Done." in first.out
    again = miner_cli("feed", "run", folder / "feed.toml")
    assert "There was nothing new to read." in again.out
    assert "unchanged" not in again.out


def test_a_narrow_terminal_gets_words_instead_of_columns(
    folder: Path, miner_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert "30 received, 30 new" in miner_cli("feed", "run", folder / "feed.toml").out
    assert "30 received, 30 new" in miner_cli("feed", "status", folder / "feed.toml").out


def test_max_rows_stops_after_a_batch_and_the_next_run_goes_on(
    folder: Path, miner_cli: Call
) -> None:
    config = write_config(folder, "batch_rows = 10\n")
    first = json.loads(miner_cli("feed", "run", config, "--json", "--max-rows", 12).out)
    assert first["state"] == "stopped"
    assert first["ledger"]["reviews"]["received"] == 20
    second = json.loads(miner_cli("feed", "run", config, "--json").out)
    assert second["state"] == "done"
    assert second["ledger"]["reviews"]["received"] == 10
    assert json.loads(miner_cli("feed", "status", config, "--json").out)["ledger"]["accepted"] == 30


@pytest.mark.parametrize("quiet", [(), ("-q",)], ids=["loud", "quiet"])
def test_a_broken_file_is_named_after_the_others_were_read(
    quiet: tuple[str, ...], folder: Path, miner_cli: Call
) -> None:
    (folder / "inbox" / "2026-10-01.csv").write_bytes(b"PK\x03\x04 no workbook \x00\xff")
    answer = miner_cli("feed", "run", folder / "feed.toml", *quiet)
    assert answer.code == 3
    assert "miner: reviews: 2026-10-01.csv can't be opened" in answer.err
    assert ("Run 1" in answer.out) != bool(quiet)
    found = json.loads(miner_cli("feed", "run", folder / "feed.toml", "--json").out)
    assert [one["place"] for one in found["troubles"]] == ["2026-10-01.csv"]
    assert "2026-10-01.csv" in miner_cli("feed", "status", folder / "feed.toml").out
    with sqlite3.connect(folder / "store" / "shop.db") as store:
        assert store.execute("SELECT COUNT(*) FROM feedback_now").fetchone() == (30,)


def test_what_is_piped_in_is_read_once_and_nothing_piped_is_no_trouble(
    tmp_path: Path, miner_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "feed.toml"
    config.write_text('[[source]]\nname = "reviews"\nstdin = true\n', encoding="utf-8")
    night = b'{"id": "p1", "text": "It came late."}\n{"id": "p2", "text": "Lovely lamp."}\n'
    found = []
    for piped in (night, b"", night, night + b'{"id": "p3", "text": "Too dear."}\n'):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped)))
        answer = miner_cli("feed", "run", config, "--json")
        assert answer.code == 0, answer.err
        found.append(counts(answer))
    assert found == [
        {"received": 2, "new": 2},
        {},
        {},
        {"received": 3, "new": 1, "unchanged": 2},
    ]


HOLDER = """
import sys
from pathlib import Path
from miner.feed.store.lock import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(fed: Path) -> Any:
    """Another process that holds the store; gives its number."""
    lock = fed / "store" / "shop.db.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, lock],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other.pid
        assert other.stdin is not None
        other.stdin.close()


def test_a_second_run_names_the_holder_and_ends_with_0(
    fed: Path, held: int, miner_cli: Call
) -> None:
    config = fed / "feed.toml"
    answer = miner_cli("feed", "run", config)
    assert answer.code == 0
    assert f"Process {held} (" in answer.err
    assert answer.out == ""
    told = miner_cli("feed", "run", config, "--json")
    assert told.code == 0
    assert told.out.count("\n") == 1
    assert json.loads(told.out)["state"] == "held"
    assert json.loads(told.out)["holder"]["pid"] == held
    assert f"process {held} (" in miner_cli("feed", "status", config).out


def test_erasing_while_a_run_is_at_work_is_no_success(
    fed: Path, held: int, miner_cli: Call
) -> None:
    answer = miner_cli("feed", "erase", fed / "feed.toml", "--customer", "C3", "--yes")
    assert answer.code == 3
    assert "nothing was erased" in answer.err


def test_an_alert_opened_ends_with_5_and_a_trouble_wins(
    fed: Path, miner_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {"event": "opened", "sentence": "Speed: 9, 2 expected.", "story": {"opened": "2026"}}
    from miner.workflow.feed.watching import Watched

    def watch(*_: object, **__: object) -> Watched:
        return Watched(events=(event,), open=1)

    monkeypatch.setattr("miner.workflow.feed.running.watch", watch)
    answer = miner_cli("feed", "run", fed / "feed.toml")
    assert answer.code == 5
    assert "Speed: 9, 2 expected." in answer.out
    quiet = miner_cli("feed", "run", fed / "feed.toml", "-q")
    assert (quiet.code, quiet.out) == (5, "")
    assert quiet.err == "miner: alert: Speed: 9, 2 expected.\n"
    (fed / "inbox" / "x.csv").write_bytes(b"PK\x03\x04 no workbook \x00\xff")
    assert miner_cli("feed", "run", fed / "feed.toml", "-q").code == 3


def test_a_webhook_that_fails_is_said_by_a_quiet_run(
    fed: Path, miner_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from miner.workflow.feed.watching import Watched

    unsent = Watched(unsent=("a/opened: The answer was 500.",))
    monkeypatch.setattr("miner.workflow.feed.running.watch", lambda *_, **__: unsent)
    quiet = miner_cli("feed", "run", fed / "feed.toml", "-q")
    assert (quiet.code, quiet.out) == (0, "")
    assert quiet.err == "miner: alert not sent: a/opened: The answer was 500.\n"


def test_a_silent_source_is_an_alert_in_run_status_and_list(
    tmp_path: Path, miner_cli: Call
) -> None:
    """A real one: a delivery a night for a week, then nothing for a fortnight."""
    config, today = write_config(tmp_path), datetime.now(UTC).date()
    for night in range(7):
        write_night(tmp_path, f"{night}.csv", [review(night)])
        assert miner_cli("feed", "run", config, "-q").code == 0
        started = (today - timedelta(days=20 - night)).isoformat()
        with sqlite3.connect(tmp_path / "store" / "shop.db") as store:
            store.execute(
                "UPDATE runs SET started = ? WHERE run = ?",
                [f"{started} 03:00:00+00:00", night + 1],
            )
    late = miner_cli("feed", "run", config)
    assert late.code == 5, late.out
    assert "has sent nothing for 14 days" in " ".join(late.out.split())
    again = miner_cli("feed", "run", config)
    assert again.code == 0
    assert "1 open: miner feed alerts" in again.out
    listed = json.loads(miner_cli("feed", "alerts", config, "--json").out)["alerts"]
    assert [(one["kind"], one["state"]) for one in listed] == [("silent", "open")]
    assert "has sent nothing" in listed[0]["sentence"]
    assert "reviews has sent" in miner_cli("feed", "alerts", config, "--all").out
    assert "1 open" in miner_cli("feed", "status", config).out


@pytest.mark.parametrize(
    ("command", "code"),
    [(("status",), 0), (("alerts",), 0), (("report", "-o", "out"), 3), (("run", "--dry-run"), 0)],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_looking_makes_no_store(
    command: tuple[str, ...], code: int, folder: Path, miner_cli: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    answer = miner_cli("feed", command[0], "feed.toml", *command[1:])
    assert answer.code == code, answer.err
    assert sorted(folder.rglob("*")) == before


def test_no_alert_is_said_in_words(fed: Path, miner_cli: Call) -> None:
    assert miner_cli("feed", "alerts", fed / "feed.toml").out == "No alert is open.\n"
    assert "ever raised" in miner_cli("feed", "alerts", fed / "feed.toml", "--all").out


def test_status_has_sources_runs_and_the_account(fed: Path, miner_cli: Call) -> None:
    found = json.loads(miner_cli("feed", "status", fed / "feed.toml", "--json").out)
    assert found["at_work"] is None
    assert found["sources"][0]["feedback"] == 30
    assert [one["state"] for one in found["runs"]] == ["done"]
    shown = miner_cli("feed", "status", fed / "feed.toml").out
    assert "2026-10-30.csv" in shown
    assert "Lantern shop" in shown


def test_a_run_under_another_clock_took_as_long_as_it_did(
    folder: Path, miner_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # a row a line
    config = folder / "feed.toml"
    assert miner_cli("feed", "run", config, "--now", "2026-01-02", "-q").code == 0
    shown = miner_cli("feed", "status", config).out
    took = re.search(r"done *2026-01-02.{6} *(\d+) s", shown)
    assert took is not None, shown
    assert int(took[1]) < 600


def test_report_of_a_cohort_and_a_window(fed: Path, miner_cli: Call, tmp_path: Path) -> None:
    config, out = fed / "feed.toml", tmp_path / "out"
    answer = miner_cli(
        "feed", "report", config, "-o", out, "--cohort", "Plan=pro", "--until", "2026-10-20",
        "--format", "json", "--title", "Pro only", "--now", "2026-11-22", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["ledger"]["received"] == 15
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["title"] == "Pro only"
    with (out / "feedback.csv").open(encoding="utf-8") as file:
        assert sum(1 for _ in file) - 1 == 15
    assert not (out / "report.html").exists()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--cohort", "plan"), 2, "Type it like --cohort plan=pro."),
        (("--cohort", "Plann=pro"), 2, 'Nearest: "Plan".'),
        (("--as-of", "7"), 3, "There is no run 7 in this store; the last one is 1."),
        (("--now", "today"), 2, "not an ISO 8601 date"),
        (("--since", "2026-10-20", "--until", "2026-10-01"), 2, "a day from 2026-10-20"),
    ],
)
def test_report_says_what_it_does_not_understand(
    options: tuple[str, ...], code: int, said: str, fed: Path, miner_cli: Call
) -> None:
    answer = miner_cli("feed", "report", fed / "feed.toml", "-o", fed / "out", *options)
    assert answer.code == code
    assert said in answer.err
    assert not (fed / "out").exists()


def test_erase_draws_reports_again_as_they_were_asked_for(fed: Path, miner_cli: Call) -> None:
    config, out = fed / "feed.toml", fed / "out"
    write_night(fed, "2026-11-02.csv", [review(43, "Quimby the parrot hates this lamp.")])
    assert miner_cli("feed", "run", config, "-q").code == 0
    drawn = miner_cli(
        "feed", "report", config, "-o", out, "--format", "md", "--now", "2026-11-22", "-q"
    )
    assert drawn.code == 0, drawn.err
    assert "Quimby" in (out / "feedback.csv").read_text(encoding="utf-8")
    before = sorted(path.name for path in out.iterdir())
    answer = miner_cli("feed", "erase", config, "--customer", "c3", "--yes")
    assert answer.code == 0, answer.err
    assert f"Drawn again: {out}" in answer.out
    assert sorted(path.name for path in out.iterdir()) == before
    assert not any(b"Quimby" in path.read_bytes() for path in fed.rglob("*") if path.is_file()
                   and path.parent.name != "inbox")  # fmt: skip
    again = miner_cli("feed", "erase", config, "--customer", "C3", "--yes")
    assert again.code == 3
    assert 'holds nothing of a customer "C3"' in again.err


def test_erase_says_which_report_shows_the_customer_still(fed: Path, miner_cli: Call) -> None:
    config, out, logo = fed / "feed.toml", fed / "out", fed / "logo.png"
    logo.write_bytes(bytes.fromhex(PIXEL))
    options = ("--format", "md", "--logo", logo, "-q")
    assert miner_cli("feed", "report", config, "-o", out, *options).code == 0
    logo.unlink()
    answer = miner_cli("feed", "erase", config, "--customer", "C3", "--yes")
    assert answer.code == 3
    assert f"{out} shows the customer still" in answer.err
    with sqlite3.connect(fed / "store" / "shop.db") as store:
        left = store.execute("SELECT COUNT(*) FROM feedback WHERE customer = 'C3'").fetchone()
    assert left == (0,)


# a picture of one pixel
PIXEL = (
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def test_erase_refuses_without_anybody_to_ask(
    fed: Path, miner_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miner.cli.feed._is_terminal", lambda: False)
    config = fed / "feed.toml"
    answer = miner_cli("feed", "erase", config, "--customer", "C3")
    assert answer.code == 2
    assert "Add --yes if it is meant." in answer.err
    status = json.loads(miner_cli("feed", "status", config, "--json").out)
    assert [one["kind"] for one in status["runs"]] == ["run"]


def test_rescore_has_nothing_to_do_when_the_model_is_the_same(fed: Path, miner_cli: Call) -> None:
    assert "0 feedback tagged again, 0 left." in miner_cli("feed", "rescore", fed / "feed.toml").out


def test_another_taxonomy_makes_rows_stale_until_rescored(
    fed: Path, miner_cli: Call, root: Path
) -> None:
    tree = (root / "corpora" / "taxonomy.toml").read_text(encoding="utf-8")
    (fed / "mine.toml").write_text(tree.replace('label = "Delivery"', 'label = "Lamps"'))
    config = fed / "feed.toml"
    config.write_text('taxonomy = "mine.toml"\n' + config.read_text())
    done = json.loads(miner_cli("feed", "rescore", config, "--max-rows", 10, "--json").out)
    assert done == {"rescored": 10, "stale": 20}
    refused = miner_cli("feed", "report", config, "-o", fed / "out")
    assert refused.code == 3
    assert "miner feed rescore feed.toml" in refused.err
    assert "20 tagged by an earlier model" in miner_cli("feed", "status", config).out
    assert "20 feedback tagged again, 0 left." in miner_cli("feed", "rescore", config).out
    assert miner_cli("feed", "report", config, "-o", fed / "out", "--format", "md").code == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[privcy]\nredact = true", 'Nearest: "privacy".'),
        ("[retention]\ntext_days = 3", 'Nearest: "texts_days".'),
        ("[alerts]\nwindw = 3", 'Nearest: "window".'),
    ],
)
@pytest.mark.parametrize("command", ["check", "run", "status"])
def test_an_unknown_setting_names_the_nearest(
    command: str, wrong: str, said: str, tmp_path: Path, miner_cli: Call
) -> None:
    config = write_config(tmp_path, wrong)
    answer = miner_cli("feed", command, config)
    assert answer.code == 2
    assert said in answer.err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[retention]\nrows_days = 900000000", "expected at most 100,000 days"),
        ("[report]\ndays = 900000000", "expected at most 100,000 days"),
        ("[alerts]\nwebhook = 'hook.example'", "expected an http or https address"),
        ("[[source]]\nname = 'b'\nfiles = 'b'\nareas = 7", "expected a table [source.areas]"),
        ("[[source]]\nname = 'b'\nfiles = 'b'\nareas = {Price = 'x'}", 'areas, "Price": got'),
    ],
)
def test_a_value_that_would_fail_at_night_is_said_at_once(
    wrong: str, said: str, tmp_path: Path, miner_cli: Call
) -> None:
    answer = miner_cli("feed", "status", write_config(tmp_path, wrong))
    assert answer.code == 2
    assert said in answer.err


def test_check_tries_the_taxonomy(folder: Path, miner_cli: Call) -> None:
    config = folder / "feed.toml"
    config.write_text('taxonomy = "gone.toml"\n' + config.read_text())
    answer = miner_cli("feed", "check", config)
    assert answer.code == 2
    assert "gone.toml: No such file" in answer.err


def test_a_missing_file_says_how_to_get_one(tmp_path: Path, miner_cli: Call) -> None:
    answer = miner_cli("feed", "run", tmp_path / "feed.toml", "--json")
    assert answer.code == 2
    assert json.loads(answer.err)["hint"] == "Write one with: miner feed init feed.toml."
