"""The token table: what one chunk gives never depends on the chunks learnt beside it."""

from __future__ import annotations

from miner.text.clauses import Clauser


def test_a_tokenizer_rule_that_holds_white_space_does_not_join_chunks() -> None:
    """spaCy's Spanish tokenizer knows "EE. UU." as one token; both halves may come alone."""
    together = Clauser("es").tokens("en los EE. UU. y la UE")
    assert together[-3:] == ("y", "la", "ue")
    alone = Clauser("es")
    for chunk in ("en", "los", "EE.", "UU.", "y", "la", "UE"):
        alone.tokens(chunk)
    assert alone.tokens("en los EE. UU. y la UE") == together
