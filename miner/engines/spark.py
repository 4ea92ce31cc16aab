"""Scoring inside Spark: ``spark.score(df, text="comment")`` adds what the model finds.

A DataFrame goes in and a lazy DataFrame comes out; Spark decides where and when. Each Python
worker process loads the model once. The values are those of `miner.Scorer`, whatever the
partitions, and no text reaches the driver.

The rows travel by ``mapInArrow``. Its sibling ``mapInPandas`` takes the same road but hands over
pandas frames, which turn an id of NaN into NULL and end with the year 2262.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from miner.engines.arrow import Grain, Reader
from miner.engines.parcels import Parcel
from miner.errors import UsageError, nearest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_TEXTS: Final = frozenset({"string", "varchar", "char", "void"})
"""Spark's types of columns that may hold texts; a void column holds nothing but NULL."""

_NAMES: Final = {"double": "double", "string": "string", "int64": "bigint"}
"""Spark's name of each Arrow type that results are made of."""


def score(
    df: DataFrame,
    text: str = "comment",
    id: str = "id",  # noqa: A002
    *,
    keep: Sequence[str] = (),
    language: str | None = None,
    model: str | Path = "en",
) -> DataFrame:
    """Return a DataFrame with one row per feedback: what `miner.Scorer.score_many` gives.

    Parameters
    ----------
    df : of a classic session or of Spark Connect, also a streaming one.
    text : its column of texts, a string; NULL is answered with the flag ``not-text``.
    id : the column that names the feedback, of any type; values need not be unique.
    keep : other columns to pass through.
    language : a column that says which language each text is in (``en-GB``, ``Deutsch``); where
        it says nothing the language is identified. Texts in another language than the model's
        are not read and get the flag ``other-language``. None: every text is read.
    model : a shipped model by name, which each worker's installation has, or a model folder by
        path, which need only exist here: its files travel with the task.

    Returns
    -------
    DataFrame with the id, the columns to keep, ``sentiment`` (double in [-1, 1]), ``polarity``
    (string: negative, neutral, positive, mixed), ``mentions``, ``signals``, ``clauses`` (arrays
    of structs: the fields of `miner.types.Mention`, `Signal`, `Clause`) and ``flags`` (array of
    strings). None of these is ever NULL. Offsets count characters from 0, as in Python.

    Raises
    ------
    UsageError
        A column does not exist, exists twice, or has the name of a result; the texts are no
        strings; `df` is no Spark DataFrame.
    ModelError
        There is no such model, or it is damaged. On a worker: its installation differs.

    Examples
    --------
    >>> df = spark.createDataFrame([(7, "Late again.")], "id int, comment string")  # doctest: +SKIP
    >>> row = score(df).first()  # doctest: +SKIP
    >>> row.id, row.polarity, [one.theme for one in row.mentions]  # doctest: +SKIP
    (7, 'negative', ['service.delivery'])
    """
    return _read(df, _columns(text, id, keep, language), "scores", model)


def mentions(
    df: DataFrame,
    text: str = "comment",
    id: str = "id",  # noqa: A002
    *,
    keep: Sequence[str] = (),
    language: str | None = None,
    model: str | Path = "en",
) -> DataFrame:
    """Return a DataFrame with one row per mention: what `miner.Scorer.mentions` gives.

    Parameters
    ----------
    df, text, id, keep, language, model : as in `score`; id and the columns to keep are repeated
        for every mention of a feedback.

    Returns
    -------
    DataFrame with the id, the columns to keep, ``theme``, ``polarity`` (string), ``sentiment``,
    ``confidence`` (double), ``start``, ``end`` (bigint) and ``evidence`` (string, words joined by
    " · "). A feedback without mentions has no row.

    Raises
    ------
    UsageError, ModelError
        As `score` raises them.

    Examples
    --------
    >>> df = spark.createDataFrame([(7, "Late again.")], "id int, comment string")  # doctest: +SKIP
    >>> mentions(df).select("id", "theme", "polarity").first()  # doctest: +SKIP
    Row(id=7, theme='service.delivery', polarity='negative')
    """
    return _read(df, _columns(text, id, keep, language), "mentions", model)


def signals(
    df: DataFrame,
    text: str = "comment",
    id: str = "id",  # noqa: A002
    *,
    keep: Sequence[str] = (),
    language: str | None = None,
    model: str | Path = "en",
) -> DataFrame:
    """Return a DataFrame with one row per signal: what `miner.Scorer.signals` gives.

    Parameters
    ----------
    df, text, id, keep, language, model : as in `mentions`.

    Returns
    -------
    DataFrame with the id, the columns to keep, ``kind`` (string), ``start``, ``end`` (bigint) and
    ``words`` (string).

    Raises
    ------
    UsageError, ModelError
        As `score` raises them.

    Examples
    --------
    >>> df = spark.createDataFrame([(7, "Refund me!")], "id int, comment string")  # doctest: +SKIP
    >>> signals(df).select("id", "kind").first()  # doctest: +SKIP
    Row(id=7, kind='request')
    """
    return _read(df, _columns(text, id, keep, language), "signals", model)


@dataclass(frozen=True)
class _Columns:
    """The columns of a frame that are read, by name."""

    text: str
    id: str
    keep: tuple[str, ...]
    language: str | None

    @property
    def beside(self) -> tuple[str, ...]:
        """Those that are passed through."""
        return (self.id, *self.keep)

    @property
    def read(self) -> tuple[str, ...]:
        """Those the worker is sent, texts first, then what is passed through."""
        return (self.text, *self.beside, *((self.language,) if self.language else ()))


@dataclass(frozen=True)
class _Task:
    """What a worker does with its batches: the columns of `_Columns.read` come in."""

    parcel: Parcel
    reader: Reader
    names: tuple[str, ...]
    beside: int

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        scorer = self.parcel.scorer()
        for batch in batches:
            texts, *others = batch.columns
            named = others[self.beside] if len(others) > self.beside else None
            for columns in self.reader.read(scorer, texts, others[: self.beside], named):
                yield pa.RecordBatch.from_arrays(columns, names=list(self.names))


def _columns(text: str, key: str, keep: Sequence[str], language: str | None) -> _Columns:
    if isinstance(keep, str):
        raise UsageError(
            f"keep: got one string, {keep!r}, expected a list of columns.",
            hint=f"Give keep=[{keep!r}].",
            slug="engine.one-string",
        )
    return _Columns(text, key, tuple(keep), language)


def _read(df: DataFrame, columns: _Columns, grain: Grain, model: str | Path) -> DataFrame:
    _check_frame(df)
    reader = Reader(grain)
    _check_columns(df, columns, reader.schema.names)
    from pyspark.sql.types import DataType, StructField, StructType

    passed = [_field(df, name) for name in columns.beside]
    added = [StructField(one.name, DataType.fromDDL(_type(one.type))) for one in reader.schema]
    schema = StructType([*passed, *added])
    task = _Task(Parcel.of(model), reader, tuple(schema.names), len(passed))
    # numbered, since one column may be asked for twice
    sent = df.select(*(df[_quoted(name)].alias(f"_{at}") for at, name in enumerate(columns.read)))
    return sent.mapInArrow(task, schema)


def _check_frame(df: Any) -> None:
    if not hasattr(df, "mapInArrow"):
        raise UsageError(
            f"Got a {type(df).__module__}.{type(df).__name__}, expected a Spark DataFrame.",
            hint="Make one with spark.createDataFrame(…), or score here: miner.load().mentions(…).",
            slug="engine.no-spark-frame",
        )


def _check_columns(df: DataFrame, columns: _Columns, added: Sequence[str]) -> None:
    for name in columns.read:
        found = df.columns.count(name)
        if found != 1:
            raise UsageError(
                f'The frame has {found or "no"} column{"s" if found > 1 else ""} "{name}" '
                f"(it has: {', '.join(df.columns)}).",
                hint="Rename or drop one of them."
                if found
                else f'{nearest(name, df.columns)}Name it: spark.score(df, text="…", id="…").',
                slug="engine.no-column",
                column=name,
            )
    for name in filter(None, (columns.text, columns.language)):
        kind = _field(df, name).dataType.typeName()
        if kind not in _TEXTS:
            raise UsageError(
                f'Column "{name}" is of type {kind}, expected a string.',
                hint='Name another one, text="…" or language="…", or cast it to string.',
                slug="engine.no-texts",
                column=name,
            )
    _check_names(columns.beside, added)


def _check_names(beside: Sequence[str], added: Sequence[str]) -> None:
    """Refuse a result in which two columns would have one name; Spark doesn't tell case apart."""
    taken = {name.lower() for name in added}
    for name in beside:
        if name.lower() in taken:
            raise UsageError(
                f'Column "{name}" would stand twice in the result.',
                hint=f'Rename it first: df.withColumnRenamed("{name}", "{name}_given").',
                slug="engine.name-taken",
                column=name,
            )
        taken.add(name.lower())


def _field(df: DataFrame, name: str) -> Any:
    return df.schema.fields[df.columns.index(name)]


def _quoted(name: str) -> str:
    """Return a name Spark takes as it stands, dots and all."""
    return "`{}`".format(name.replace("`", "``"))


def _type(kind: Any) -> str:
    """Return the name Spark has for an Arrow type."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return f"array<{_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(f'`{one.name}`: {_type(one.type)}' for one in kind)}>"
    return _NAMES[str(kind)]
