"""`miner explain`: why one text is tagged as it is."""

from __future__ import annotations

from miner.scoring import load
from miner.types import Explanation
from miner.workflow.lines import read_lines


def explain(
    text: str, *, model: str = "en", encoding: str | None = None, all_themes: bool = False
) -> Explanation:
    """Return why a model tags one text as it does.

    Parameters
    ----------
    text : the feedback; ``-`` reads it from standard input.
    model : name of a shipped model or path of a model folder.
    encoding : of standard input; None means UTF-8.
    all_themes : explain every theme, not only those that came near.

    Raises
    ------
    UsageError
        The model can't say what each word adds.
    ModelError
        No such model, or its folder can't be trusted.
    DataError
        Standard input is not text in this encoding.
    """
    given = "\n".join(read_lines(["-"], encoding)) if text == "-" else text
    return load(model).explain(given, all_themes=all_themes)
