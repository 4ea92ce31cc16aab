"""Processes that score: order, bounds, deaths, interrupts, and how they are started."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import process_samples as samples
import pytest
from fragile_scorer import FragileScorer
from process_samples import DEADLY, Done, State, Tripwire, job

import miner
from miner import processes
from miner.errors import InternalError, UsageError
from miner.processes import AHEAD, DeadlyError, Job, cores, ordered, spoken, wanted
from miner.processes import crew as crew_module
from miner.scoring import Scorer

HERE = Path(__file__).parent


def chunked(rows: list[Any], size: int) -> Iterator[list[Any]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))


def rows_of(done: list[tuple[Any, Done]]) -> list[Any]:
    return [row for _, results in done for row, _ in results]


def pids_of(done: list[tuple[Any, Done]]) -> set[int]:
    return {pid for _, results in done for _, pid in results}


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    patience = time.monotonic() + 10  # a busy machine takes its time to reap
    while multiprocessing.active_children() and time.monotonic() < patience:
        time.sleep(0.05)
    assert multiprocessing.active_children() == []


def test_results_come_in_order_from_processes_that_got_the_state_once() -> None:
    state = State(pause=0.001)
    rows = list(range(200))
    done = list(ordered(job(state), chunked(rows, 10), workers=2))
    assert [chunk for chunk, _ in done] == list(chunked(rows, 10))
    assert rows_of(done) == rows
    assert len(pids_of(done)) == 2
    assert os.getpid() not in pids_of(done)
    assert state.sent == 1


def test_little_work_starts_few_processes() -> None:
    done = list(ordered(job(State()), [[1, 2]], workers=8))
    assert rows_of(done) == [1, 2]
    assert list(ordered(job(State()), [], workers=2)) == []


def test_the_caller_is_one_of_the_workers_where_it_helps() -> None:
    endless = ([number] for number in itertools.count())
    running = ordered(job(State(pause=0.01)), endless, workers=2, helped=True)
    done = [next(running)]
    assert pids_of(done) == {os.getpid()}  # while the other starts
    while len(pids_of(done)) < 2 and len(done) < 5_000:
        done.append(next(running))
    running.close()
    assert rows_of(done) == list(range(len(done)))
    assert len(pids_of(done)) == 2


def test_the_caller_alone_does_what_is_little() -> None:
    for chunks in ([], [[1]]):
        done = list(ordered(job(State()), chunks, workers=8, helped=True))
        assert pids_of(done) <= {os.getpid()}
    assert len(list(ordered(job(State()), [[1], [2], [3]], workers=1, helped=True))) == 3


def test_an_error_of_the_caller_comes_through_in_its_place() -> None:
    running = ordered(job(State()), [[1], ["raise"], [3]], workers=1, helped=True)
    assert rows_of([next(running)]) == [1]
    with pytest.raises(ValueError, match="row can't be done"):
        next(running)


def test_results_wait_for_a_caller_at_work(tmp_path: Path) -> None:
    big = [[number] for number in range(30)]
    heavy = Job(samples.slow_for_some, (os.getpid(), 0.05), cut=lambda rows, a, b: rows[a:b],
                join=samples.flat)  # fmt: skip
    done = list(ordered(heavy, big, workers=2, helped=True))
    assert [found[0][0] for _, found in done] == list(range(30))


def test_a_process_leaves_spacys_command_line_out() -> None:
    asking = Job(samples.loaded_with_spacy, None, cut=lambda rows, a, b: rows[a:b],
                 join=samples.flat)  # fmt: skip
    [(_, loaded)] = ordered(asking, [["spacy.tokenizer", "spacy.cli", "weasel"]], workers=1)
    assert loaded == [True, False, False]


@pytest.mark.parametrize("batch", [1, 7])
def test_what_a_killed_helper_held_is_done_again_in_order(batch: int) -> None:
    endless = (list(range(at, at + batch)) for at in itertools.count(step=batch))
    told: list[Any] = []
    killed, done, since = 0, [], 0
    running = ordered(
        job(State(pause=0.002)), endless, workers=3, repaired=told.append, helped=True
    )
    while since < 100 and len(done) < 20_000:
        done.append(next(running))
        since += killed == 2
        others = pids_of(done[-1:]) - {os.getpid()}
        if others and killed < 2 and alive(min(others)):
            killed += 1
            os.kill(min(others), signal.SIGKILL)
    running.close()
    assert rows_of(done) == list(range(batch * len(done)))
    assert killed == 2
    assert all(list(chunk) == list(range(at, at + batch)) for one in told for at, chunk in one)


def test_an_endless_input_is_read_a_few_chunks_ahead() -> None:
    read: list[int] = []

    def endless() -> Iterator[list[int]]:
        for number in itertools.count():
            read.append(number)
            yield [number]

    running = ordered(job(State()), endless(), workers=2)
    for asked in range(40):
        assert rows_of([next(running)]) == [asked]
        assert len(read) <= asked + 2 * AHEAD
    running.close()


def test_more_than_a_pipe_holds_goes_through_both_ways() -> None:
    big = [["x" * 400_000] * 3] * 6
    heavy = Job(samples.heavy, 500_000, cut=lambda rows, a, b: rows[a:b], join=samples.flat)
    done = list(ordered(heavy, big, workers=2))
    assert [len(one) for _, found in done for one in found] == [500_000] * 18


def test_an_error_comes_through_in_its_place() -> None:
    running = ordered(job(State()), [[1], [2], ["raise"], [4]], workers=2)
    assert rows_of([next(running), next(running)]) == [1, 2]
    with pytest.raises(ValueError, match="row can't be done") as caught:
        next(running)
    assert "process_samples.py" in caught.value.__notes__[0]


def test_an_error_that_no_pickle_holds_is_told_in_words() -> None:
    with pytest.raises(RuntimeError, match="UnpicklableError: oddity"):
        list(ordered(job(State()), [["odd"]], workers=2))


def test_a_chunk_that_no_pickle_holds_raises_in_its_place() -> None:
    running = ordered(job(State()), [[1], [lambda: 0]], workers=2)
    assert rows_of([next(running)]) == [1]
    with pytest.raises((pickle.PicklingError, AttributeError), match="pickle"):
        next(running)


def test_an_error_of_the_reader_comes_through() -> None:
    def reader() -> Iterator[list[int]]:
        yield [1]
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="the disk went away"):
        list(ordered(job(State()), reader(), workers=2))


def test_a_state_that_can_not_be_rebuilt_says_why() -> None:
    broken = Job(samples.work, samples.Broken(), cut=lambda rows, a, b: rows, join=samples.flat)
    with pytest.raises(LookupError, match="no such model here"):
        list(ordered(broken, [[1]], workers=2))


def test_what_a_killed_process_held_is_done_again_once_and_in_order() -> None:
    rows, told, done = list(range(120)), [], []
    running = ordered(job(State(pause=0.005)), chunked(rows, 5), workers=2, repaired=told.append)
    for number, one in enumerate(running):
        done.append(one)
        if number in (3, 11):
            os.kill(next(iter(pids_of([one]))), signal.SIGKILL)
    assert rows_of(done) == rows
    held = [range(start, start + len(chunk)) for chunks in told for start, chunk in chunks]
    assert held
    assert all(list(chunk) == list(range(start, start + 5)) for one in told for start, chunk in one)
    assert all(len(chunks) <= crew_module.HELD for chunks in told)


def test_a_row_that_kills_once_is_done_again(tmp_path: Path) -> None:
    told: list[Any] = []
    state = State(folder=tmp_path, once=7)
    done = list(ordered(job(state), chunked(list(range(12)), 3), workers=2, repaired=told.append))
    assert rows_of(done) == list(range(12))
    assert (tmp_path / "died").exists()
    assert (6, [6, 7, 8]) in told[0]


@pytest.mark.parametrize("poison", [DEADLY, Tripwire()])
def test_rows_that_kill_any_process_are_found_and_named(poison: object) -> None:
    rows = [*range(10), poison, *range(11, 14), poison, 15]
    running = ordered(job(State()), chunked(rows, 8), workers=2)
    assert rows_of([next(running)]) == list(range(8))
    with pytest.raises(DeadlyError, match="rows 2, 6 of the chunk at 8") as caught:
        next(running)
    assert caught.value.rows == (range(2, 3), range(6, 7))
    assert rows_of(caught.value.before) == [8, 9]
    assert caught.value.chunk[:2] == [8, 9]


def test_the_search_for_deadly_rows_ends() -> None:
    with pytest.raises(DeadlyError) as caught:
        list(ordered(job(State()), [[DEADLY] * 16], workers=2))
    assert caught.value.rows[0] == range(1)
    assert caught.value.rows[-1].stop == 16
    assert caught.value.before == []


def test_a_chunk_that_kills_only_as_a_whole_is_done_in_pieces() -> None:
    greedy = Job(samples.greedy, 3, cut=lambda rows, a, b: rows[a:b], join=samples.flat)
    done = list(ordered(greedy, [[1, 2], list(range(8)), [3]], workers=2))
    assert [found for _, found in done] == [[1, 2], list(range(8)), [3]]


def test_processes_killed_while_they_start_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    real = crew_module._Worker.__init__

    def start_and_kill(self: Any, *args: Any, **options: Any) -> None:
        real(self, *args, **options)
        started.append(self.process.pid)
        os.kill(self.process.pid, signal.SIGKILL)

    monkeypatch.setattr(crew_module._Worker, "__init__", start_and_kill)
    with pytest.raises(InternalError, match=r"ended while it started \(exit code -9\)") as caught:
        list(ordered(job(State()), [[1]], workers=1))
    assert caught.value.slug == "score.worker-start"
    assert len(started) == 3


def test_closing_early_ends_the_processes_at_once() -> None:
    running = ordered(job(State(pause=60)), [[], [1], [2]], workers=2)
    started = time.monotonic()
    next(running)
    assert len(multiprocessing.active_children()) == 2
    running.close()
    assert time.monotonic() - started < 10
    assert multiprocessing.active_children() == []


def test_a_daemonic_process_is_told_to_score_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Daemon:
        daemon = True

    monkeypatch.setattr(processes, "current_process", Daemon)
    with pytest.raises(UsageError, match=r"may start none. Use workers=1 here\."):
        next(ordered(job(State()), [[1]], workers=2))


def test_cores_are_those_this_process_may_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(processes, "_CPU_MAX", quota)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 8, raising=False)
    assert cores() == 8
    for text, expected in (("max 100000", 8), ("250000 100000", 3), ("50000 100000", 1)):
        quota.write_text(text)
        assert cores() == expected
    monkeypatch.delattr(os, "process_cpu_count")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5})
    quota.unlink()
    assert cores() == 2


def test_all_cores_are_taken_only_where_there_is_enough_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 6)
    count, chunks = wanted(0, iter("ab"), enough=3)
    assert (count, list(chunks)) == (1, ["a", "b"])
    count, chunks = wanted(0, iter("abcd"), enough=3)
    assert (count, list(chunks)) == (6, ["a", "b", "c", "d"])
    assert wanted(4, iter("a"), enough=3)[0] == 4


def test_ranges_are_spoken() -> None:
    assert spoken("row", [range(2, 3)]) == "row 2"
    found = spoken("row", [range(1, 5001), range(5001, 10_001), range(20_000, 20_001)])
    assert found == "rows 1-10,000, 20,000"


# --- scripts ----------------------------------------------------------------------------------

BODY = """
    import itertools, sys
    sys.path.insert(0, {here!r})
    import process_samples as samples
    from miner.processes import ordered
"""
CALL = (
    "print([row for _, done in ordered(samples.job(samples.State()), [[1], [2]], workers=2)"
    " for row, _ in done])"
)


def script(*lines: str) -> str:
    return textwrap.dedent(BODY).format(here=str(HERE)) + "\n".join(lines) + "\n"


def run(*args: str, root: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args], input=stdin, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip


def test_a_guarded_script_works(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "guarded.py"
    path.write_text(script('if __name__ == "__main__":', f"    {CALL}"))
    done = run(str(path), root=root)
    assert (done.stdout, done.stderr) == ("[1, 2]\n", "")


def test_a_script_without_guard_is_told_so_once(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "unguarded.py"
    path.write_text(script(CALL))
    done = run(str(path), root=root)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("Traceback") == 1
    assert 'Put what it does under if __name__ == "__main__":' in done.stderr.splitlines()[-1]


def test_a_script_that_fails_as_it_is_imported_says_so(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_text(
        script(
            'if __name__ == "__main__":', f"    {CALL}", "else:", "    sys.exit('not for import')"
        )
    )
    done = run(str(path), root=root)
    assert done.returncode == 1
    assert "not for import" in done.stderr
    assert "A scoring process ended while it started (exit code 1)." in done.stderr


def test_code_from_the_command_line_and_from_standard_input_works(root: Path) -> None:
    assert run("-c", script(CALL), root=root).stdout == "[1, 2]\n"
    piped = run("-", root=root, stdin=script(CALL, "print(__file__)"))
    assert (piped.stdout, piped.stderr) == ("[1, 2]\n<stdin>\n", "")


@pytest.mark.parametrize("to", [os.kill, os.killpg], ids=["parent", "terminal"])
def test_ctrl_c_ends_it_quickly_and_leaves_no_process(to: Any, root: Path, tmp_path: Path) -> None:
    path = tmp_path / "endless.py"
    path.write_text(
        script(
            'if __name__ == "__main__":',
            "    endless = ([number] for number in itertools.count())",
            "    for _, done in ordered(samples.job(samples.State()), endless, workers=2):",
            "        print(done[0][1], flush=True)",
        )
    )
    process = subprocess.Popen(
        [sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(root)}, start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    pids = {int(process.stdout.readline()) for _ in range(200)}
    to(process.pid, signal.SIGINT)
    started = time.monotonic()
    try:
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()  # where it did not hear
        process.communicate()
    assert time.monotonic() - started < 15  # half a second where the machine is free
    assert process.returncode != 0
    assert err.count("Traceback") == 1
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert not any(map(alive, pids))


def test_processes_end_with_a_parent_that_is_killed(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "killed.py"
    path.write_text(
        script(
            "import os, signal",
            'if __name__ == "__main__":',
            "    state = samples.State(pause=0.2)",
            "    endless = ([number] for number in itertools.count())",
            "    running = ordered(samples.job(state), endless, workers=2)",
            "    print(next(running)[1][0][1], next(running)[1][0][1], flush=True)",
            "    os.kill(os.getpid(), signal.SIGKILL)",
        )
    )
    done = run(str(path), root=root)
    pids = [int(one) for one in done.stdout.split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, pids))


def test_an_iterator_never_closed_does_not_keep_the_program(root: Path) -> None:
    code = script(
        "endless = ([number] for number in itertools.count())",
        "running = ordered(samples.job(samples.State(pause=0.01)), endless, workers=2)",
        "print(next(running)[1][0][0])",
        "import miner; miner.kept = [running, sys.exc_info]",
    )
    done = run("-c", code, root=root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


# --- the scorer -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


@pytest.fixture
def fragile(scorer: Scorer, tmp_path: Path) -> FragileScorer:
    found = FragileScorer(scorer.bundle)
    found.folder = tmp_path
    return found


TEXTS = ["The courier was two days late.", "", "Lovely staff, awful queue.", None, "Fine. \ud800"]


@pytest.mark.slow
def test_a_text_that_kills_once_is_scored_again_and_logged(
    fragile: FragileScorer, scorer: Scorer, caplog: pytest.LogCaptureFixture
) -> None:
    texts = [*TEXTS, "dies once"] * 60
    with caplog.at_level(logging.WARNING, logger="miner"):
        found = list(fragile.score_many(texts, workers=2, batch=6))
    assert found == list(scorer.score_many(texts))
    [told] = caplog.messages
    said = re.fullmatch(r"A scoring process died; texts (\d+)-(\d+) were scored again\.", told)
    assert said
    first, last = map(int, said.groups())
    assert (first % 6, last % 6) == (1, 0)
    assert (last - first + 1) // 6 in range(1, crew_module.HELD + 1)


@pytest.mark.slow
def test_a_text_that_kills_any_process_is_named_after_all_before_it(
    fragile: FragileScorer, scorer: Scorer
) -> None:
    texts = [*TEXTS, DEADLY] * 60
    found = []
    with pytest.raises(InternalError, match=r"Every process that scored text \d+ died") as caught:
        for one in fragile.score_many(texts, workers=2, batch=6):
            found.append(one)  # noqa: PERF402 - what came before the error counts
    assert caught.value.slug == "score.worker-died"
    assert texts[len(found)] == DEADLY
    assert caught.value.facts["rows"] == [range(len(found) + 1, len(found) + 2)]
    assert found == list(scorer.score_many(texts[: len(found)]))


def test_no_text_but_one_per_core_when_there_is_much(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(_job: object, chunks: Any, *, workers: int, **_: Any) -> Iterator[Any]:
        asked.append(workers)
        yield from ()

    monkeypatch.setattr(processes, "ordered", counted)
    monkeypatch.setattr(processes, "cores", lambda: 5)
    assert [one.text for one in scorer.score_many(["Late."] * 3, workers=0)] == ["Late."] * 3
    assert asked == []
    list(scorer.score_many(itertools.repeat("Late.", 16_384), workers=0))
    assert asked == [5]
