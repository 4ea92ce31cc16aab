"""The recipes hold: calls parse, units verify, the image is built of what is there, the DAG runs.

Nothing is installed, no image is built: each recipe is taken apart as its program would do it.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

from miner.cli import cli

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""Lowest and highest of minute, hour, day, month, day of the week (crontab(5))."""


@pytest.fixture(scope="module")
def recipes(root: Path) -> Path:
    return root / "docs" / "recipes"


def commands(script: str) -> list[list[str]]:
    """Return the words of every call of `miner` in a shell script."""
    found: list[list[str]] = []
    calling = False
    for token in tokens(script):
        if calling and not set(token) & set(";|&(){}\n"):
            found[-1].append(token)
            continue
        calling = token.rpartition("/")[2] == "miner"
        if calling:
            found.append([])
    return found


def tokens(script: str) -> list[str]:
    """Return the words of a script, each line ended by a line break."""
    lines = []
    for line in script.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        lines += [*lexer, "\n"]
    return lines


def parses(words: list[str]) -> click.Command:
    """Parse a call as the installed command would, without running it."""
    words = list(words)
    command: click.Command | None = cli
    context = cli.make_context("miner", [], resilient_parsing=True)
    while isinstance(command, click.Group):
        command = command.get_command(context, words.pop(0))
    assert command is not None, words
    command.make_context("miner", words, parent=context)
    return command


def cron_lines(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def all_commands(recipes: Path) -> dict[str, list[list[str]]]:
    service = unit(recipes / "feedback-miner-feed.service")["Service"]
    post = shlex.split(service["ExecStopPost"].replace("$$", "$"))
    image = instructions(recipes / "Containerfile")
    args = [word for name in ("ENTRYPOINT", "CMD") for word in literal(image, name)]
    (dag,) = run_dag(recipes / "airflow_dag.py").dags
    return {
        "crontab": [c for line in cron_lines(recipes / "crontab") for c in commands(line)],
        "service": [*commands(service["ExecStart"]), *commands(post[-1])],
        "Containerfile": commands(" ".join(args)),
        "airflow": [c for task in dag.tasks.values() for c in commands(task.bash_command)],
    }


def test_the_shell_reader_finds_calls() -> None:
    found = commands(
        "cd x && { /opt/bin/miner feed run 'a b.toml' -q; code=$?; } || miner demo\nls"
    )
    assert found == [["feed", "run", "a b.toml", "-q"], ["demo"]]


@pytest.mark.parametrize("name", ["crontab", "service", "Containerfile", "airflow"])
def test_every_call_is_one_of_the_command_line(name: str, recipes: Path) -> None:
    found = all_commands(recipes)[name]
    assert found[0][:3] == ["feed", "run", "feed.toml"]
    for words in found:
        parses(words)


def test_a_call_that_is_none_is_noticed() -> None:
    with pytest.raises(click.NoSuchOption, match="--no-such"):
        parses(["themes", "list", "--no-such"])


def test_cron_lines_have_five_fields_in_range(recipes: Path) -> None:
    jobs = [line for line in cron_lines(recipes / "crontab") if not re.match(r"[A-Z]+=", line)]
    assert len(jobs) == 3
    for job in jobs:
        *fields, command = job.split(maxsplit=5)
        assert len(fields) == 5
        for value, (low, high) in zip(fields, RANGES, strict=True):
            assert value == "*" or low <= int(value) <= high, job
        assert command.startswith("cd /srv/feedback && "), job
        assert not re.search(r"(?<!\\)%", command), f"cron reads % as a line break: {job}"
    assert (recipes / "crontab").read_bytes().endswith(b"\n")


@pytest.mark.parametrize(("code", "told"), [(0, False), (3, False), (5, True)])
def test_the_cron_line_tells_of_alerts_and_keeps_the_code(
    code: int, told: bool, recipes: Path, tmp_path: Path
) -> None:
    job = next(line for line in cron_lines(recipes / "crontab") if "feed run" in line)
    done = shell(job.split(maxsplit=5)[5], fake_miner(tmp_path, code), tmp_path)
    assert (done.returncode, "called feed alerts" in done.stdout) == (code, told)


def fake_miner(folder: Path, code: int) -> Path:
    """A `miner` that says how it was called; `feed run` ends with this code."""
    path = folder / "bin" / "miner"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\necho "called $*"\n[ "$2" != run ] || exit {code}\n')
    path.chmod(0o755)
    return path


def shell(script: str, miner: Path, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    script = script.replace("/srv/feedback", str(folder)).replace(
        "/opt/feedback-miner/bin/miner", str(miner)
    )
    env = {"PATH": f"{miner.parent}:{os.environ['PATH']}", **more}
    return subprocess.run(
        ["/bin/sh", "-c", script], env=env, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("where", ["crontab", "operations.md"])
def test_the_copy_of_a_store_is_whole_while_it_is_written(
    where: str, recipes: Path, tmp_path: Path
) -> None:
    page = recipes / where if where == "crontab" else recipes.parent / where
    (statement,) = re.findall(r"VACUUM INTO '[^'\n]+\.db'", page.read_text(encoding="utf-8"))
    target = tmp_path / "copy.db"
    store = sqlite3.connect(tmp_path / "feed.db", isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("CREATE TABLE feedback (id TEXT)")
    store.executemany("INSERT INTO feedback VALUES (?)", [(str(n),) for n in range(100)])
    writer = sqlite3.connect(tmp_path / "feed.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM feedback")
    store.execute(re.sub(r"'.*'", f"'{target}'", statement))
    writer.execute("ROLLBACK")
    copy = sqlite3.connect(target)
    assert copy.execute("SELECT count(*) FROM feedback").fetchone() == (100,)
    for one in (store, writer, copy):
        one.close()


def test_the_service_is_a_job_that_may_write_one_folder(recipes: Path) -> None:
    service = unit(recipes / "feedback-miner-feed.service")["Service"]
    wanted = {
        "Type": "oneshot", "User": "feedback", "SuccessExitStatus": "5", "KillSignal": "SIGTERM",
        "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
    }  # fmt: skip
    assert {name: service[name] for name in wanted} == wanted
    assert service["ReadWritePaths"] == service["WorkingDirectory"]
    assert "Restart" not in service


def test_the_timer_starts_the_service_and_makes_up_for_a_night_off(recipes: Path) -> None:
    timer = unit(recipes / "feedback-miner-feed.timer")
    assert timer["Timer"]["Unit"] == "feedback-miner-feed.service"
    assert timer["Timer"]["Persistent"] == "true"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.parametrize(("status", "told"), [("0", False), ("3", False), ("5", True)])
def test_the_service_puts_alerts_into_the_journal(
    status: str, told: bool, recipes: Path, tmp_path: Path
) -> None:
    service = unit(recipes / "feedback-miner-feed.service")["Service"]
    script = shlex.split(service["ExecStopPost"].replace("$$", "$"))[-1]
    done = shell(script, fake_miner(tmp_path, 0), tmp_path, EXIT_STATUS=status)
    assert done.returncode == 0
    assert ("called feed alerts feed.toml" in done.stdout) == told


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_reads_the_units(recipes: Path, tmp_path: Path) -> None:
    miner = fake_miner(tmp_path, 0)
    units = []
    for name in ("feedback-miner-feed.service", "feedback-miner-feed.timer"):
        text = (recipes / name).read_text(encoding="utf-8")
        units.append(tmp_path / name)
        units[-1].write_text(text.replace("/opt/feedback-miner/bin/miner", str(miner)))
    command = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def instructions(path: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Containerfile with their arguments, in order."""
    text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def literal(image: list[tuple[str, str]], name: str) -> list[str]:
    """Return the words of the last instruction of this name, in its JSON form."""
    words = json.loads([rest for one, rest in image if one == name][-1])
    assert isinstance(words, list)
    return words


def test_the_image_line_by_line(root: Path, recipes: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    image = instructions(recipes / "Containerfile")
    bases = [rest.split(" AS ")[0] for name, rest in image if name == "FROM"]
    assert len(set(bases)) == 1
    version = re.search(r"/python:(\d\.\d+)-slim", bases[0])
    assert version
    assert f">={version[1]}" == project["requires-python"]
    installs = [rest for name, rest in image if name == "RUN" and "pip install" in rest]
    extras = re.findall(r'"\.\[([\w,]+)\]"', installs[0])[0].split(",")
    assert set(extras) == {"postgres"}
    users = [(at, rest) for at, (name, rest) in enumerate(image) if name == "USER"]
    assert [rest for _, rest in users] == ["10001:10001"]
    assert f"--uid {users[0][1].split(':')[0]}" in "".join(rest for _, rest in image)
    assert not [name for name, _ in image[users[0][0] :] if name in ("RUN", "COPY", "ADD")]
    assert literal(image, "ENTRYPOINT") == ["miner"]
    assert dict(image)["STOPSIGNAL"] == "SIGTERM"
    assert dict(image)["WORKDIR"] == dict(image)["VOLUME"]


def test_the_extra_of_the_image_exists(root: Path, recipes: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.findall(r"\.\[([\w,]+)\]", (recipes / "Containerfile").read_text(encoding="utf-8"))
    assert set(",".join(extras).split(",")) <= set(project["optional-dependencies"])


def test_the_image_is_built_of_what_it_copies(root: Path, recipes: Path, tmp_path: Path) -> None:
    """The wheel comes out whole when the build sees nothing but the copied files."""
    source = tmp_path / "src"
    source.mkdir()
    for name, rest in instructions(recipes / "Containerfile"):
        if name == "COPY" and not rest.startswith("--from"):
            *names, target = rest.split()
            for one in names:
                if (root / one).is_dir():
                    shutil.copytree(root / one, source / target,
                                    ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
                else:
                    shutil.copy(root / one, source / target)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "out")],
        cwd=source, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (wheel,) = (tmp_path / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {
        "miner/cli/__init__.py", "miner/_bundled/models/en/weights.npz",
        "miner/_bundled/corpora/taxonomy.toml", "miner/ingest/data/mail.toml",
    }  # fmt: skip
    assert wanted <= names


@dataclass
class Task:
    """Stands in for a task: its arguments, and what runs after it."""

    task_id: str
    bash_command: str
    settings: dict[str, Any]
    after: list[str] = field(default_factory=list)

    def __rshift__(self, others: Task | list[Task]) -> Task | list[Task]:
        self.after += [one.task_id for one in (others if isinstance(others, list) else [others])]
        return others


@dataclass
class Dag:
    """Stands in for a DAG: collects the tasks made inside its `with`."""

    settings: dict[str, Any]
    tasks: dict[str, Task] = field(default_factory=dict)


@dataclass
class Airflow:
    """What a DAG file asked of Airflow."""

    dags: list[Dag] = field(default_factory=list)
    inside: list[Dag] = field(default_factory=list)

    def modules(self) -> dict[str, ModuleType]:
        record = self

        class DAG(Dag):
            def __init__(self, **settings: Any) -> None:
                super().__init__(settings)
                record.dags.append(self)

            def __enter__(self) -> DAG:
                record.inside.append(self)
                return self

            def __exit__(self, *_: object) -> None:
                record.inside.pop()

        class BashOperator(Task):
            def __init__(self, *, task_id: str, bash_command: str, **settings: Any) -> None:
                super().__init__(task_id, bash_command, settings)
                assert task_id not in record.inside[-1].tasks
                record.inside[-1].tasks[task_id] = self

        names = ["airflow", "airflow.sdk", "airflow.providers", "airflow.providers.standard"]
        names += [
            "airflow.providers.standard.operators",
            "airflow.providers.standard.operators.bash",
        ]
        found = {name: ModuleType(name) for name in names}
        found["airflow.sdk"].DAG = DAG  # type: ignore[attr-defined]
        found[names[-1]].BashOperator = BashOperator  # type: ignore[attr-defined]
        return found


def run_dag(path: Path) -> Airflow:
    """Run a DAG file against the stand-in."""
    airflow = Airflow()
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    before = {name: sys.modules.get(name) for name in airflow.modules()}
    sys.modules.update(airflow.modules())
    try:
        exec(code, {"__name__": "airflow_dag"})
    finally:
        for name, module in before.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module
    return airflow


@pytest.fixture
def dag(recipes: Path, monkeypatch: pytest.MonkeyPatch) -> Dag:
    monkeypatch.delenv("FEEDBACK_MINER_FEED", raising=False)
    (found,) = run_dag(recipes / "airflow_dag.py").dags
    return found


def test_the_dag_runs_one_at_a_time_without_catching_up(dag: Dag) -> None:
    assert dag.settings["catchup"] is False
    assert dag.settings["max_active_runs"] == 1
    assert len(dag.settings["schedule"].split()) == 5
    assert dag.settings["start_date"].tzinfo is not None
    assert dag.tasks["run"].after == ["tell", "report"]
    assert dag.tasks["run"].settings["execution_timeout"] >= timedelta(hours=1)
    assert {task.settings["cwd"] for task in dag.tasks.values()} == {"/srv/feedback"}


@pytest.mark.parametrize(
    ("code", "ends", "handed_on"), [(0, 0, "0"), (5, 0, "5"), (3, 3, None), (70, 70, None)]
)
def test_the_run_task_hands_on_an_alert_and_fails_on_a_failure(
    code: int, ends: int, handed_on: str | None, dag: Dag, tmp_path: Path
) -> None:
    done = shell(dag.tasks["run"].bash_command, fake_miner(tmp_path, code), tmp_path)
    assert done.returncode == ends
    assert done.stdout.splitlines()[-1] == (handed_on or "called feed run feed.toml --json")


@pytest.mark.parametrize(("code", "ends"), [("0", 0), ("5", 5)])
def test_the_tell_task_is_red_on_an_alert(code: str, ends: int, dag: Dag, tmp_path: Path) -> None:
    script = re.sub(r"\{\{.*\}\}", code, dag.tasks["tell"].bash_command)
    done = shell(script, fake_miner(tmp_path, 0), tmp_path)
    assert done.returncode == ends
    assert ("called feed alerts feed.toml" in done.stdout) == (ends == 5)


@pytest.mark.parametrize(("day", "ends"), [("1", 0), ("2", 99)])
def test_the_report_task_is_skipped_but_on_mondays(
    day: str, ends: int, dag: Dag, tmp_path: Path
) -> None:
    task = dag.tasks["report"]
    script = task.bash_command.replace("$(date +%u)", day)
    assert shell(script, fake_miner(tmp_path, 0), tmp_path).returncode == ends
    assert task.settings["skip_on_exit_code"] == 99


def test_the_page_knows_every_recipe_and_every_exit_code(recipes: Path) -> None:
    page = (recipes.parent / "operations.md").read_text(encoding="utf-8")
    for path in recipes.iterdir():
        if path.is_file():
            assert f"(recipes/{path.name})" in page, path.name
    for target in re.findall(r"\]\(([^)#:]+)\)", page):
        assert (recipes.parent / target).exists(), target
    assert re.findall(r"^\| (\d+) \|", page, re.M) == ["0", "2", "3", "4", "5", "70"]
    for heading in ("The lock", "Logs", "Disk", "Backups", "Restoring", "Upgrades",
                    "Reading the store", "Retention and erasure"):  # fmt: skip
        assert f"\n## {heading}\n" in page


def test_every_call_on_the_page_parses(recipes: Path) -> None:
    page = (recipes.parent / "operations.md").read_text(encoding="utf-8")
    calls = re.findall(r"^miner (.*?)(?: +#.*)?$", page, re.M)
    calls += [one for one in re.findall(r"`miner ([^`]+)`", page) if "feed.toml" in one]
    assert len(calls) > 10
    for call in calls:
        parses(shlex.split(call))


def test_the_page_names_the_reasons_of_mail_as_the_code_does(root: Path, recipes: Path) -> None:
    page = (recipes.parent / "operations.md").read_text(encoding="utf-8")
    code = (root / "miner" / "ingest" / "mail" / "rows.py").read_text(encoding="utf-8")
    told = set(re.findall(r"row\.[a-z-]+", page)) - {"row.empty"}
    assert told <= set(re.findall(r"row\.[a-z-]+", code))
    assert {"row.auto-reply", "row.deleted-message", "row.message-unreadable"} <= told
