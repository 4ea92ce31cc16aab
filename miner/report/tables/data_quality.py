"""Tables of what was read: the rows, why some were set aside, the languages."""

from __future__ import annotations

from collections.abc import Mapping

from miner.insight.types import Insight
from miner.report.model import Column, Table
from miner.types import Ledger

_LEDGER_WORDS = {
    "received": "rows read",
    "accepted": "kept as feedback",
    "duplicate": "set aside: the same row, or the same id and text, once more",
    "empty": "set aside: no text",
    "junk": "set aside: no words in the text",
    "rejected": "set aside: a value that can't be right",
}


def ledger(account: Ledger) -> Table:
    """Return the account of rows: received = accepted + duplicate + empty + junk + rejected."""
    columns = (
        Column("part", "Part", "word"),
        Column("meaning", "Meaning", "word"),
        Column("rows", "Rows", "int", bar="neutral"),
    )
    rows = tuple((key, _LEDGER_WORDS[key], number) for key, number in account.to_dict().items())
    return Table("rows_read", "What became of the rows", columns, rows)


def problems(by_reason: Mapping[str, int]) -> Table:
    """Return the reasons rows or single values were set aside for, most frequent first."""
    columns = (
        Column("meaning", "Why", "word"),
        Column("rows", "Rows", "int", bar="neutral"),
        Column("reason", "Reason in rejects.csv", "text"),
    )
    ordered = sorted(by_reason.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple(
        (reason.rpartition(".")[2].replace("-", " "), number, reason) for reason, number in ordered
    )
    return Table("problems", "Why rows or values were set aside", columns, rows)


def languages(insight: Insight) -> Table:
    """Return feedback by language, most frequent first."""
    columns = (
        Column("language", "Language", "text"),
        Column("feedback", "Feedback", "int", bar="neutral"),
    )
    ordered = sorted(insight.languages.items(), key=lambda item: (-item[1], item[0]))
    return Table("languages", "Languages", columns, tuple(ordered))
