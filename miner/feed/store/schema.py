"""The tables of a store, as a list of steps forward; a store made by any version can take the rest.

One row of `feedback` is one version of one feedback (or of an answer without words, or the mark of
a withdrawn one): ``until_run`` is empty where it stands today. The views are the promise to BI
tools; tables may change from version to version, views only gain columns.
"""

from __future__ import annotations

from typing import Final

from miner.errors import DataError
from miner.feed.store.database import Database

_FIRST: Final = (
    """CREATE TABLE runs (
        run {key}, kind TEXT NOT NULL, state TEXT NOT NULL,
        started TEXT NOT NULL, ended TEXT, holder TEXT NOT NULL, versions TEXT NOT NULL,
        settings TEXT NOT NULL, tagger BIGINT, seconds TEXT, problem TEXT)""",
    """CREATE TABLE ledger (
        run BIGINT NOT NULL REFERENCES runs, source TEXT NOT NULL, received BIGINT NOT NULL,
        new BIGINT NOT NULL, changed BIGINT NOT NULL, unchanged BIGINT NOT NULL,
        duplicate BIGINT NOT NULL, gone BIGINT NOT NULL, empty BIGINT NOT NULL,
        junk BIGINT NOT NULL, rejected BIGINT NOT NULL, PRIMARY KEY (run, source))""",
    """CREATE TABLE taggers (
        tagger {key}, model TEXT NOT NULL, model_sha256 TEXT NOT NULL,
        taxonomy_sha256 TEXT NOT NULL, facts TEXT NOT NULL,
        UNIQUE (model_sha256, taxonomy_sha256))""",
    """CREATE TABLE layouts (
        layout {key}, source TEXT NOT NULL, header TEXT NOT NULL, mapping TEXT NOT NULL,
        UNIQUE (source, header))""",
    """CREATE TABLE places (
        source TEXT NOT NULL, place {text} NOT NULL, stamp TEXT NOT NULL, sha256 TEXT NOT NULL,
        position BIGINT NOT NULL, finished INTEGER NOT NULL, place_cursor TEXT,
        counts TEXT NOT NULL, base TEXT NOT NULL, layout BIGINT, facts TEXT NOT NULL,
        run BIGINT NOT NULL, PRIMARY KEY (source, place))""",
    """CREATE TABLE feedback (
        feedback {key}, source TEXT NOT NULL, identity TEXT NOT NULL, digest TEXT NOT NULL,
        updated TEXT NOT NULL, place {text} NOT NULL, place_row BIGINT NOT NULL,
        kind TEXT NOT NULL,
        since_run BIGINT NOT NULL, until_run BIGINT, ended TEXT,
        id TEXT, happened TEXT, nps {number}, csat {number}, ces {number}, stars {number},
        language TEXT, channel TEXT, customer TEXT, cohorts TEXT, areas TEXT,
        said_language TEXT, words TEXT, erased INTEGER, verbatim TEXT,
        sentiment {number}, polarity TEXT, n_clauses BIGINT, n_mentions BIGINT,
        scored INTEGER, tagger BIGINT)""",
    """CREATE UNIQUE INDEX feedback_identity ON feedback (source, identity)
        WHERE until_run IS NULL""",
    "CREATE INDEX feedback_place ON feedback (source, place, place_row)",
    "CREATE INDEX feedback_customer ON feedback (customer)",
    "CREATE INDEX feedback_happened ON feedback (happened)",
    "CREATE INDEX feedback_tagger ON feedback (tagger) WHERE kind = 'comment'",
    """CREATE TABLE mentions (
        feedback BIGINT NOT NULL REFERENCES feedback ON DELETE CASCADE, nth BIGINT NOT NULL,
        clause BIGINT NOT NULL, theme TEXT NOT NULL, polarity TEXT NOT NULL,
        sentiment {number}, confidence {number},
        start_at BIGINT, end_at BIGINT, verbatim_start BIGINT, verbatim_end BIGINT,
        evidence TEXT, quote TEXT, PRIMARY KEY (feedback, nth))""",
    """CREATE TABLE signals (
        feedback BIGINT NOT NULL REFERENCES feedback ON DELETE CASCADE, nth BIGINT NOT NULL,
        clause BIGINT NOT NULL, kind TEXT NOT NULL, start_at BIGINT, end_at BIGINT,
        verbatim_start BIGINT, verbatim_end BIGINT, words TEXT, PRIMARY KEY (feedback, nth))""",
    """CREATE TABLE rejects (
        source TEXT NOT NULL, place {text} NOT NULL, place_row BIGINT NOT NULL,
        place_column TEXT NOT NULL, value TEXT NOT NULL, reason TEXT NOT NULL,
        message TEXT NOT NULL, fatal INTEGER NOT NULL, customer TEXT, happened TEXT,
        nth BIGINT NOT NULL)""",
    "CREATE INDEX rejects_place ON rejects (source, place, place_row)",
    """CREATE TABLE stories (
        story TEXT PRIMARY KEY, state TEXT NOT NULL, data TEXT NOT NULL)""",
    """CREATE TABLE events (
        event TEXT PRIMARY KEY, story TEXT NOT NULL, what TEXT NOT NULL, day TEXT NOT NULL,
        run BIGINT NOT NULL, payload TEXT NOT NULL, masked TEXT NOT NULL, sent TEXT)""",
    """CREATE TABLE exports (
        folder TEXT PRIMARY KEY, run BIGINT NOT NULL, wanted TEXT NOT NULL)""",
    """CREATE VIEW feedback_now AS SELECT
        feedback, source, id, place, place_row, {happened} AS happened, nps, csat, ces, stars,
        language, channel, customer, cohorts, areas, verbatim, sentiment, polarity, n_clauses,
        n_mentions, scored, tagger
        FROM feedback WHERE until_run IS NULL AND kind = 'comment'""",
    """CREATE VIEW answers_now AS SELECT
        feedback, source, id, place, place_row, {happened} AS happened, nps, csat, ces, stars,
        channel, customer, cohorts, areas
        FROM feedback WHERE until_run IS NULL AND kind = 'answer'""",
    """CREATE VIEW mentions_now AS SELECT
        m.feedback, f.source, f.id, {f_happened} AS happened, f.channel, f.customer, f.cohorts,
        m.clause, m.theme, m.polarity, m.sentiment, m.confidence, m.evidence, m.quote
        FROM mentions m JOIN feedback f ON f.feedback = m.feedback
        WHERE f.until_run IS NULL AND f.kind = 'comment'""",
    """CREATE VIEW signals_now AS SELECT
        s.feedback, f.source, f.id, {f_happened} AS happened, f.channel, f.customer, f.cohorts,
        s.clause, s.kind, s.words
        FROM signals s JOIN feedback f ON f.feedback = s.feedback
        WHERE f.until_run IS NULL AND f.kind = 'comment'""",
)

STEPS: Final = (_FIRST,)
"""Statements by version: a store of version n takes the steps from n on. Never edit a released one.
"""
VERSION: Final = len(STEPS)


def migrate(database: Database, *, to: int = VERSION) -> int:
    """Bring a store to a version of the schema, all steps in one transaction; its version before.

    Parameters
    ----------
    to : a past version only in tests.

    Raises
    ------
    DataError
        The store was written by a newer version of this program.
    """
    found = version_of(database)
    if found > VERSION:
        raise DataError(
            f"The store {database.place} has the form {found}, this program knows {VERSION}.",
            hint="Update feedback-miner on this machine; going back is not possible.",
            slug="store.newer",
            found=found,
            known=VERSION,
        )
    if found < to:
        with database.transaction():
            if database.kind == "postgres":  # SQLite's transaction keeps others out by itself
                database.query("SELECT pg_advisory_xact_lock(hashtext(current_schema()))")
            found = version_of(database)  # another first run may have been quicker
            if found == 0:
                database.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
            for step in STEPS[found:to]:
                for statement in step:
                    database.execute(_worded(database, statement))
            _sample_nothing(database)
            database.execute("DELETE FROM meta WHERE name = 'schema'")
            database.execute("INSERT INTO meta VALUES ('schema', ?)", [str(to)])
    return found


_UNSAMPLED: Final = {
    "feedback": ("id", "customer", "words", "verbatim", "cohorts", "digest", "identity"),
    "mentions": ("evidence", "quote"),
    "signals": ("words",),
    "rejects": ("value", "message", "customer"),
    "stories": ("data",),
    "events": ("payload", "masked"),
}
"""Columns of which PostgreSQL must keep no samples for its planner: there an erased word or id
would live on, out of reach of whoever erases."""


def _sample_nothing(database: Database) -> None:
    if database.kind != "postgres":
        return
    for table, columns in _UNSAMPLED.items():
        parts = ", ".join(f"ALTER COLUMN {name} SET STATISTICS 0" for name in columns)
        database.execute(f"ALTER TABLE {table} {parts}")


def version_of(database: Database) -> int:
    """Return the version of a store's schema, 0 where it is new.

    Raises
    ------
    DataError
        There are tables, but not of this program.
    """
    names = {name for (name,) in database.query(_TABLE_NAMES[database.kind])}
    if "meta" in names:
        found = database.query("SELECT value FROM meta WHERE name = 'schema'")
        if found:
            return int(found[0][0])
    if names & {"feedback", "runs", "meta"}:
        raise DataError(
            f"{database.place} holds tables of another program.",
            hint="Give the feed a file, database or schema of its own ([store] url).",
            slug="store.foreign",
        )
    return 0


_TABLE_NAMES: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgres": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}


def _worded(database: Database, statement: str) -> str:
    cast = database.words["as_time"]
    return statement.format(
        **database.words, happened=cast % "happened", f_happened=cast % "f.happened"
    )
