"""Everything about phrases, from one pass over the texts of a window."""

from __future__ import annotations

from datetime import date

from miner.insight.changes.compare import compare
from miner.insight.facts.phrases import Phrases
from miner.insight.verbatims import Shelf
from miner.insight.window import Window
from miner.insight.wording.emerging import emerging
from miner.insight.wording.keyphrases import keyphrases
from miner.insight.wording.phrase_changes import phrase_changes
from miner.insight.wording.phrase_text import FEWEST, read_phrases


def find_phrases(window: Window, shelf: Shelf, *, compare_from: date | None = None) -> Phrases:
    """Return the keyphrases of the themes, what is said more or less, and what has no theme.

    Parameters
    ----------
    compare_from : the day the later window begins with (see `miner.insight.changes.compare`).

    Notes
    -----
    Only redacted texts are read. Memory: about 90 bytes a word while it lasts, so 300 MB for
    100,000 feedback of 30 words.
    """
    text = read_phrases(window, shelf)
    windows = compare(window, compare_from)
    return Phrases(
        keyphrases=keyphrases(text),
        changes=phrase_changes(text, windows),
        emerging=emerging(text, windows),
        fewest=FEWEST,
    )
