"""Scoring on a real Spark cluster: two executors, each a Java process with a Python worker."""

from __future__ import annotations

import doctest
import math
import os
import random
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import miner
from miner.engines import models, parcels, spark
from miner.errors import ModelError, UsageError
from miner.resources import folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    # said whenever a function goes to Spark; rows travel as Arrow here, pandas has no part in it
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

THINGS = ("parcel", "app", "waiter", "room", "invoice", "router", "blender", "helpline")
VERDICTS = ("came late", "was lovely", "broke twice", "never answers", "is easy to use", "was 😀")
HOSTILE = [None, "", " \n", "NaN", "lone \ud800 surrogate is slow", "slow " * 60_000, "😡" * 9_000]
LATE = "The courier was two days late."
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.S)


@pytest.fixture(scope="module")
def bench(root: Path) -> Iterator[ModuleType]:
    sys.path.insert(0, str(root))
    try:
        import benchmarks._spark_cluster as found

        yield found
    finally:
        sys.path.remove(str(root))


@pytest.fixture(scope="module")
def session(bench: ModuleType) -> Iterator[SparkSession]:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        if os.environ.get("CI"):
            pytest.fail("CI has no Java: .ci/run installs default-jre-headless.")
        pytest.skip("no Java here")
    with bench.cluster(brief=True) as found:
        yield found


@pytest.fixture(scope="module")
def texts() -> list[str | None]:
    """Two thousand invented reviews, some of them hostile."""
    chance = random.Random(4)
    made = [
        " ".join(
            f"The {chance.choice(THINGS)} {chance.choice(VERDICTS)}."
            for _ in range(chance.randint(1, 4))
        )
        for _ in range(2_000)
    ]
    return [*HOSTILE, *made]


@pytest.fixture(scope="module")
def df(session: SparkSession, texts: list[str | None]) -> DataFrame:
    return session.createDataFrame(list(enumerate(texts)), "id long, comment string").cache()


def read_back(frame: DataFrame) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in frame.collect()]


@pytest.mark.parametrize("partitions", [1, 5])
def test_the_result_is_that_of_this_machine(
    df: DataFrame, texts: list[str | None], partitions: int, bench: ModuleType
) -> None:
    # Java keeps no lone surrogate: what it makes of one is what a worker gets
    given = [row.comment for row in df.select("comment").collect()]
    assert [at for at, one in enumerate(given) if one != texts[at]] == [4]
    rows = read_back(spark.score(df.repartition(partitions, "id")))
    expected = [one.to_dict() for one in miner.load().score_many(given)]
    for one in expected:
        del one["text"]
    assert len(rows) == len(texts)
    there = bench.fingerprint((row.pop("id"), row) for row in rows)
    assert there == bench.fingerprint(enumerate(expected))
    assert there != bench.fingerprint(enumerate(expected[:-1]))


@pytest.mark.parametrize("grain", ["mentions", "signals"])
def test_tables_are_those_of_the_scorer(
    df: DataFrame, texts: list[str | None], grain: str, bench: ModuleType
) -> None:
    rows = read_back(getattr(spark, grain)(df.repartition(3)))
    given = [row.comment for row in df.select("comment").collect()]
    table = getattr(miner.load(), grain)(given)
    assert list(rows[0]) == list(table.columns)
    assert len(rows) > 1_000
    local = table.to_dict("records")
    there, here = (bench.fingerprint((row["id"], row) for row in one) for one in (rows, local))
    assert there == here


def test_the_model_is_loaded_once_a_worker(session: SparkSession, df: DataFrame) -> None:
    parcel = parcels.Parcel.of("en")

    def marks(batches: Iterator[Any]) -> Iterator[Any]:
        import time

        import pyarrow as pa

        from miner.engines.models import held

        for _ in batches:
            time.sleep(1)  # so that one worker can't take both tasks
            scorer = held(parcel.sha256, lambda: pytest.fail("no model is held"))
            mark = vars(scorer).setdefault("_mark", uuid.uuid4().hex)
            yield pa.RecordBatch.from_pydict({"executor": [os.getppid()], "mark": [mark]})

    def seen() -> dict[int, str]:
        rows = session.range(2, numPartitions=2).mapInArrow(marks, "executor long, mark string")
        return {row.executor: row.mark for row in rows.collect()}

    spark.score(df.repartition(6)).count()
    first = seen()
    spark.mentions(df.repartition(4)).count()
    assert len(first) == len(set(first.values())) == 2, "two executors, a model each"
    assert seen() == first


def test_ids_of_any_type_stay_what_they_are(session: SparkSession) -> None:
    """Among them what pandas frames, and so ``mapInPandas``, can't carry."""
    values = {
        "big": ("9007199254740993L", "null"),
        "nan": ("double('NaN')", "null"),
        "far": ("timestamp'9999-12-31 23:59:59.123456'", "timestamp'0001-01-01 00:00:00'"),
        "local": ("timestamp_ntz'9999-12-31 23:59:59'", "null"),
        "day": ("date'1500-02-03'", "null"),
        "exact": ("cast(12345678901234567890.12 as decimal(38,2))", "null"),
        "raw": ("X'00ff'", "X''"),
        "nested": ("named_struct('a', 9007199254740993L, 'b', array(1, null))", "null"),
        "map": ("map('k', 1)", "null"),
    }
    rows = (", ".join(both[at] for both in values.values()) for at in (0, 1))
    listed = ", ".join(f"({row}, '{LATE}')" for row in rows)
    frame = session.sql(f"select * from values {listed} as t({', '.join(values)}, comment)")
    first, *others = values
    scored = spark.score(frame, id=first, keep=others)
    as_text = [f"cast({name} as string) as {name}" for name in values]
    there, here = (one.selectExpr(*as_text).orderBy(first) for one in (scored, frame))
    assert there.collect() == here.collect()
    for name in values:
        assert scored.schema[name].dataType == frame.schema[name].dataType, name


def test_other_columns_pass_through(session: SparkSession) -> None:
    frame = session.createDataFrame(
        [(1, LATE, "pro", math.nan, "en"), (2, "Die App ist leider zu langsam.", None, 2.5, "de")],
        "`no. 1` int, comment string, `plan ``b` string, stars double, tongue string",
    )
    found = spark.score(
        frame, id="no. 1", keep=["plan `b", "stars", "comment"], language="tongue"
    ).orderBy("`no. 1`")
    assert found.columns[:4] == ["no. 1", "plan `b", "stars", "comment"]
    first, second = found.collect()
    assert (first[1], second[1], second[2], first.comment) == ("pro", None, 2.5, LATE)
    assert math.isnan(first[2])
    assert (first.flags, second.flags) == ([], ["other-language"])
    told = spark.mentions(frame, id="no. 1", keep=["stars"]).columns
    assert told[:3] == ["no. 1", "stars", "theme"]


def test_a_model_folder_need_not_lie_on_the_workers(df: DataFrame, tmp_path: Path) -> None:
    own = shutil.copytree(folder("models") / "en", tmp_path / "retail")
    frame = spark.mentions(df.limit(50), model=own)
    shutil.rmtree(own)
    models._loaded.clear()
    assert frame.count() > 50


def test_settings_of_the_session_change_nothing(session: SparkSession, df: DataFrame) -> None:
    few = df.where("id < 40")  # a limit may take other rows each time
    expected = sorted(map(str, read_back(spark.mentions(few, keep=["comment"]))))
    settings = {
        "spark.sql.execution.arrow.useLargeVarTypes": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "7",
        "spark.sql.ansi.enabled": "false",
        "spark.sql.caseSensitive": "true",
    }
    before = {name: session.conf.get(name) for name in settings}
    try:
        for name, value in settings.items():
            session.conf.set(name, value)
        assert sorted(map(str, read_back(spark.mentions(few, keep=["comment"])))) == expected
    finally:
        for name, value in before.items():
            session.conf.set(name, value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": "coment"}, r'has no column "coment" \(it has: id, comment, stars, polarity\)\. '
                             r'Nearest: "comment"\. Name it: spark\.score\(df, text='),
        ({"id": "ident"}, r'no column "ident".* Name it'),
        ({"keep": ["star"]}, r'no column "star".*Nearest: "stars"'),
        ({"language": "lang"}, 'no column "lang"'),
        ({"keep": "stars"}, r"keep: got one string, 'stars'.*Give keep=\['stars'\]"),
        ({"text": "stars"}, 'Column "stars" is of type integer, expected a string'),
        ({"language": "stars"}, r'"stars" is of type integer, expected a string.*language="…"'),
        ({"keep": ["polarity"]}, r'"polarity" would stand twice.*withColumnRenamed\("polarity"'),
        ({"keep": ["id"]}, 'Column "id" would stand twice in the result'),
    ],
)  # fmt: skip
def test_columns_that_do_not_fit_are_named(
    session: SparkSession, options: dict[str, Any], said: str
) -> None:
    frame = session.createDataFrame([], "id int, comment string, stars int, polarity string")
    with pytest.raises(UsageError, match=said):
        spark.score(frame, **options)


def test_what_is_no_spark_frame_is_refused(session: SparkSession) -> None:
    with pytest.raises(UsageError, match=r"Got a pandas\S*DataFrame, expected a Spark DataFrame"):
        spark.score(pd.DataFrame({"id": [1], "comment": [LATE]}))
    twice = session.sql("select 1 as id, 'a' as comment, 'b' as comment")
    with pytest.raises(UsageError, match=r'has 2 columns "comment".*Rename or drop one'):
        spark.score(twice)
    frame = session.createDataFrame([], "id int, comment string")
    with pytest.raises(ModelError, match='No model "enn"'):
        spark.score(frame, model="enn")


def test_a_column_of_nothing_and_a_frame_without_rows(session: SparkSession) -> None:
    [row] = spark.score(session.sql("select 1 as id, null as comment")).collect()
    assert (row.flags, row.mentions, row.polarity) == (["not-text"], [], "neutral")
    empty = session.createDataFrame([], "id int, comment string")
    assert spark.score(empty).collect() == spark.mentions(empty).collect() == []


def test_offsets_are_characters_for_spark_too(session: SparkSession) -> None:
    frame = session.createDataFrame(
        [(1, "😀😀 Lovely food, but the courier was late.")], "id int, comment string"
    )
    found = spark.mentions(frame, keep=["comment"]).selectExpr(
        "trim(substring(comment, start + 1, end - start)) as clause"
    )
    assert [row.clause for row in found.collect()][-1] == "but the courier was late."


def test_a_stream_of_files_is_scored_once(session: SparkSession, tmp_path: Path) -> None:
    inbox, done = tmp_path / "in", str(tmp_path / "out")
    inbox.mkdir()

    def night(number: int) -> list[int]:
        pd.DataFrame({"id": [number], "comment": [LATE]}).to_parquet(inbox / f"{number}.parquet")
        stream = session.readStream.schema("id long, comment string").parquet(str(inbox))
        written = spark.mentions(stream).writeStream.trigger(availableNow=True)
        place = {"path": done, "checkpointLocation": str(tmp_path / "place")}
        written.format("parquet").options(**place).start().awaitTermination()
        return sorted(row.id for row in session.read.parquet(done).collect())

    assert [night(1), night(2)] == [[1], [1, 2]]


def test_docstring_examples_run(session: SparkSession) -> None:
    """They stand there as skipped, since only here is a cluster."""
    ran = 0
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder().find(spark, extraglobs={"spark": session}):
        for example in test.examples:
            example.options.pop(doctest.SKIP, None)
        ran += len(test.examples)
        assert runner.run(test).failed == 0, test.name
    assert ran >= 7


def test_the_page_runs_from_top_to_bottom(
    root: Path,
    session: SparkSession,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (root / "docs" / "spark.md").read_text(encoding="utf-8")
    for name in ("reviews.parquet", "mentions.parquet"):  # Spark's own folder is where Java began
        page = page.replace(f'"{name}"', repr(str(tmp_path / name)))
    found = BLOCK.findall(page)
    assert [kind for kind, _ in found] == ["python", "text"] * (len(found) // 2)
    names: dict[str, object] = {"__name__": "spark_page"}
    for (_, code), (_, expected) in zip(found[::2], found[1::2], strict=True):
        exec(compile(code, "docs/spark.md", "exec"), names)
        assert capsys.readouterr().out == expected, code
    assert len(found) >= 8
